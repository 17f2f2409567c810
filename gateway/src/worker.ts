import { pino } from 'pino';
import pretty from 'pino-pretty';
import type { WorkerOrder, WorkerReport } from './process/worker-messages.ts';
import { messageOf } from './runtime/errors.ts';
import type { WorkerApp, WorkerSetup } from './worker-app.ts';

/** The directory of the build, with the files that the gateway serves. */
const BUILD = new URL('../dist/', import.meta.url);

function report(message: WorkerReport, then: () => void = () => undefined): void {
	process.send?.(message, then);
}

/** Reports why the worker cannot start, and ends it. */
function fail(error: unknown): void {
	report({ kind: 'failed', reason: messageOf(error) }, () => process.exit(1));
}

async function start({ config, worker, ...setup }: WorkerSetup): Promise<WorkerApp> {
	const { startWorker } = await import('./worker-app.ts');
	const logger = pino(
		{ level: config.logLevel, base: { node: config.node, worker } },
		process.stderr.isTTY ? pretty({ destination: 2, sync: true, ignore: 'pid,hostname,node' }) : pino.destination(2),
	);
	process.on('uncaughtException', (err) => {
		logger.fatal({ err }, 'uncaught exception; the worker ends');
		process.exit(1);
	});
	const app = await startWorker({ config, worker, ...setup }, BUILD, logger);
	report({ kind: 'linked', url: app.url });
	return app;
}

let app: Promise<WorkerApp> | undefined;

async function obey(order: WorkerOrder): Promise<void> {
	if (order.kind === 'start') app = start(order.setup as WorkerSetup);
	const started = await app;
	if (order.kind === 'serve') {
		await started?.serve(order.port);
		report({ kind: 'serving' });
	} else if (order.kind === 'repeat-heartbeats') started?.repeatHeartbeats();
	else if (order.kind === 'closing') started?.announceStop();
	else if (order.kind === 'stop') {
		await started?.close();
		process.exit(0);
	}
}

process.on('message', (order: WorkerOrder) => void obey(order).catch(fail));
// The main process ended without a stop: another one may start on the port.
process.on('disconnect', () => process.exit(1));
// A terminal and service managers signal all processes of a node; the main process drains the workers.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) process.on(signal, () => undefined);
