import { parseCommandLine, type StartCommand } from './cli/cli.ts';
import { describe } from './cli/description.ts';
import { readableLog } from './cli/readable-log.ts';
import { runCommand } from './cli/run-command.ts';
import { createScreen } from './cli/screen.ts';
import { readStatus, statusLines } from './cli/status.ts';

const REFRESH_MS = 1_000;
/** A signal within this time after the first is a copy of it, in milliseconds. */
const DUPLICATE_SIGNAL_MS = 500;
/** The number of shown log lines of an ended node. */
const SHOWN_LOG_LINES = 15;

const { stdout } = process;
const screen = createScreen(stdout);

function fail(problems: readonly string[]): never {
	for (const problem of problems) process.stderr.write(`cluster: ${problem}\n`);
	process.exit(1);
}

function showEnd(name: string, how: string | number | null, log: string): void {
	const lines = readableLog(log, SHOWN_LOG_LINES).map((line) => `    ${line}\n`);
	screen.write(`\n  ${name} ended by itself (${how}); the others continue. The end of its log:\n\n${lines.join('')}`);
}

async function run(command: StartCommand): Promise<void> {
	const running = await runCommand(command, { onProgress: screen.write, onEnded: showEnd });
	screen.write(describe(running.regions));
	let stoppingSince: number | undefined;
	async function watch(): Promise<void> {
		while (stoppingSince === undefined) {
			const statuses = await Promise.all(running.regions.map(({ cluster }) => readStatus(cluster.nodes)));
			const lines = statuses.flatMap((status) => [...statusLines(status), '']);
			if (stoppingSince !== undefined) return;
			screen.show(lines.map((line) => `  ${line}`));
			// The interval of the display.
			await new Promise((done) => setTimeout(done, REFRESH_MS));
		}
	}
	async function stop(): Promise<void> {
		const now = performance.now();
		// npm forwards a CTRL-C that the terminal has already sent to this process.
		if (stoppingSince !== undefined && now - stoppingSince < DUPLICATE_SIGNAL_MS) return;
		// The guard ends the remaining processes.
		if (stoppingSince !== undefined) process.exit(130);
		stoppingSince = now;
		screen.show([]);
		screen.write('\n  Stopping; CTRL-C again stops at once …');
		await running.stop();
		screen.write('  Stopped.');
		process.exit(0);
	}
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
	if (stdout.isTTY) await watch();
}

const command = parseCommandLine(process.argv.slice(2));
if (command.kind === 'help') stdout.write(command.text);
else if (command.kind === 'wrong') fail(command.problems);
else await run(command).catch((error: unknown) => fail([error instanceof Error ? error.message : String(error)]));
