#!/usr/bin/env node
import { pino } from 'pino';
import pretty from 'pino-pretty';
import { helpText, parseCommandLine } from './config/cli.ts';
import { ConfigError, parseConfig } from './config/config.ts';
import { warnOfKernel } from './process/kernel-settings.ts';
import { watchLauncher } from './process/launcher.ts';
import { watchReady } from './process/ready-watch.ts';
import { messageOf } from './runtime/errors.ts';
import { VERSION } from './version.ts';

/** The longest stop, in milliseconds; then the process ends. */
const STOP_TIMEOUT_MS = 28_000;

/** Ends the process with a line for each problem. */
function fail(problems: readonly string[]): never {
	for (const problem of problems) process.stderr.write(`likewire: ${problem}\n`);
	process.exit(1);
}

async function main(): Promise<void> {
	// The reader may end, such as `head` after its lines. Logs use standard error, and the node continues to serve viewers.
	process.stdout.on('error', () => undefined);
	const command = parseCommandLine(process.argv.slice(2));
	if (command.kind === 'help') {
		process.stdout.write(helpText(command.of));
		return;
	}
	if (command.kind === 'version') {
		process.stdout.write(`${VERSION}\n`);
		return;
	}
	const config = parseConfig(process.env, command.flags, command.problems);
	if (command.kind !== 'start') {
		const { runStoreCommand } = await import('./store-command.ts');
		process.stdout.write(`${await runStoreCommand(command.kind, command, config)}\n`);
		return;
	}
	// uWebSockets.js reads this once when it loads. By default it refuses a head over 4 KiB, and a stream of 100 topics has more.
	process.env.UWS_HTTP_MAX_HEADERS_SIZE ??= '32768';
	const { createApp } = await import('./app.ts');
	const logger = pino(
		{ level: config.logLevel, base: { node: config.node } },
		process.stderr.isTTY ? pretty({ destination: 2, sync: true, ignore: 'pid,hostname,node' }) : pino.destination(2),
	);
	process.on('uncaughtException', (err) => {
		logger.fatal({ err }, 'uncaught exception; the process ends');
		process.exit(1);
	});
	const gateway = await createApp(config, logger);
	const { url, internalUrl } = gateway;
	logger.info({ version: VERSION, region: config.region, roles: config.roles, url, internalUrl }, 'started');
	warnOfKernel(logger);
	const endReadyWatch = watchReady(() => gateway.waitsFor, logger);

	let stopping = false;
	async function stop(signal: NodeJS.Signals | 'launcher gone'): Promise<void> {
		if (stopping) {
			// A terminal that closes signals the whole group, and a launcher passes the signal on, so a second one is no demand to hurry.
			if (signal === 'SIGHUP' || signal === 'launcher gone') return;
			process.exit(1);
		}
		stopping = true;
		endReadyWatch();
		logger.info({ signal }, 'stopping');
		setTimeout(() => {
			logger.error({ timeoutMs: STOP_TIMEOUT_MS }, 'the stop took too long; the process ends');
			process.exit(1);
		}, STOP_TIMEOUT_MS).unref();
		await gateway.close();
		logger.info('stopped');
		process.exit(0);
	}
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) process.on(signal, stop);
	watchLauncher(process.env, () => stop('launcher gone'));

	const development = config.jwtSecret === '';
	if (development) {
		logger.warn(
			'development mode: no authentication; serves pages of this machine only, and no proxies; set LIKEWIRE_JWT_SECRET to publish it',
		);
	}
	process.stdout.write(`
  Likewire ${VERSION}

  Demo       ${gateway.url}
  Embed      ${gateway.url}/embed/demo
  Stream     ${gateway.url}/v1/stream?video=demo
  Internal   ${gateway.internalUrl}/v1/cluster

  ${development ? 'Development mode: no authentication, viewers on loopback only.' : 'Viewers and servers authenticate.'} CTRL-C stops.

`);
}

main().catch((error: unknown) => {
	if (error instanceof ConfigError) fail(error.problems);
	fail([messageOf(error)]);
});
