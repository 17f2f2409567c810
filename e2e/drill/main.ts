import { writeFileSync } from 'node:fs';
import { inOwnNetwork, runInOwnNetwork } from '../../bench/src/processes/network-namespace.ts';
import { type Command, faultList, helpText, parseCommandLine } from './cli.ts';
import { drill, exitCodeOf } from './drill.ts';
import { FAULTS } from './faults/all.ts';
import { resultsTable } from './report/table.ts';

/** The receive buffer of the kernel for a viewer, in bytes. With the send buffer about 64 KB wait for a viewer that does not read. */
const RECEIVE_BYTES = 16_384;

async function main(): Promise<number> {
	const command = parse();
	if (command === undefined) return 2;
	if (command.help || command.list) {
		process.stdout.write(command.help ? helpText(FAULTS) : faultList(FAULTS));
		return 0;
	}
	if (!command.hostNetwork && !inOwnNetwork()) {
		const code = await runInOwnNetwork({ receiveBytes: RECEIVE_BYTES });
		if (code !== undefined) return code;
	}
	// The exit of this process ends the cluster and removes its directories.
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));
	return run(command);
}

function parse(): Command | undefined {
	try {
		return parseCommandLine(process.argv.slice(2), FAULTS);
	} catch (error) {
		process.stderr.write(`drill: ${error instanceof Error ? error.message : error}\n`);
		return undefined;
	}
}

async function run(command: Command): Promise<number> {
	const { faults, seed, viewers, likesPerSecond, commentsPerSecond, lastsMs, patience, json } = command;
	const begunAt = performance.now();
	const elapsed = () => `${((performance.now() - begunAt) / 1000).toFixed(1).padStart(6)} s`;
	const onProgress = (text: string) => process.stderr.write(`${elapsed()}  ${text}\n`);
	onProgress(`seed ${seed}, ${viewers} viewers, ${likesPerSecond} likes and ${commentsPerSecond} comments a second`);
	const results = await drill(faults, {
		seed,
		viewers,
		likesPerSecond,
		commentsPerSecond,
		ownNetwork: inOwnNetwork(),
		patience,
		onProgress,
		...(lastsMs !== undefined && { lastsMs }),
	});
	const passed = results.filter(({ verdict }) => verdict === 'pass').length;
	const end = `seed ${seed}, ${elapsed().trim()}: ${passed} of ${results.length} faults survived`;
	process.stdout.write(`\n${resultsTable(results)}\n\n${end}\n`);
	if (json !== undefined) {
		const run = {
			at: new Date().toISOString(),
			node: process.version,
			seed,
			viewers,
			likesPerSecond,
			commentsPerSecond,
			results,
		};
		writeFileSync(json, `${JSON.stringify(run, null, '\t')}\n`);
	}
	// CI has everything that faults require, so a skipped fault fails there.
	return exitCodeOf(results, { maySkip: process.env.CI === undefined });
}

main().then(
	(code) => process.exit(code),
	(error: unknown) => {
		process.stderr.write(`drill: ${error instanceof Error ? (error.stack ?? error.message) : error}\n`);
		process.exit(1);
	},
);
