import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, helpText, parseCommandLine } from './cli.ts';
import { readEarlierRun } from './earlier-run.ts';
import { describeMachine } from './measure/machine.ts';
import { killChildrenAtExit } from './processes/child-processes.ts';
import { inOwnNetwork, runInOwnNetwork } from './processes/network-namespace.ts';
import { moveThisProcess, pinnedGatewayFlags, pinningText, planPinning, usePinning } from './processes/pinning.ts';
import { comparisonsOf } from './report/compare-runs.ts';
import { printComparisons, printMedians } from './report/print-report.ts';
import { type RunFile, type RunRecord, writeRunFile } from './report/run-file.ts';
import { checksList, figuresTable } from './report/table.ts';
import { writeReport } from './report/write-report.ts';
import { comparable, type PlannedRun, planRuns } from './run-plan.ts';
import type { Scenario, ScenarioOptions } from './scenario.ts';
import { UsageError } from './usage-error.ts';
import { findViewerClient, type ViewerClient } from './viewers/viewer-client.ts';

const VIEWERS = { c: 10_000, node: 2_000 } as const;

/** The pause between two runs, in milliseconds, in which the processes of the last one end. */
const PAUSE_MS = 1_000;

/**
 * Runs the command of the benchmark. Resolves with its exit code: 0, 1 when a check or a scenario failed, 2 when an argument or
 * a file is wrong.
 */
export async function runCommand(args: readonly string[], known: readonly Scenario[]): Promise<number> {
	try {
		return await run(args, known);
	} catch (error) {
		console.error(`bench: ${error instanceof Error ? error.message : error}`);
		return error instanceof UsageError ? 2 : 1;
	}
}

async function run(args: readonly string[], known: readonly Scenario[]): Promise<number> {
	const command = parseCommandLine(args, known);
	if (command.help) {
		console.log(helpText(known));
		return 0;
	}
	const scenarios = comparable(command.scenarios, command.gateways);
	const skipped = command.scenarios.filter((scenario) => !scenarios.includes(scenario)).map(({ name }) => name);
	const earlier = command.compare === undefined ? undefined : readEarlierRun(command.compare, scenarios);
	if (!command.hostNetwork && !inOwnNetwork()) {
		const code = await runInOwnNetwork();
		if (code !== undefined) return code;
		console.error(
			'This machine allows no network namespace: the kernel hides blocked viewers for longer than a run.\n',
		);
	}
	killChildrenAtExit();
	if (skipped.length > 0) console.log(`skipped, since they measure this checkout alone: ${skipped.join(', ')}`);
	return measure(command, args, earlier);
}

async function measure(command: Command, args: readonly string[], earlier: RunFile | undefined): Promise<number> {
	const found: ViewerClient = command.nodeClient ? { language: 'node', because: '--node-client' } : findViewerClient();
	const client = { ...found, gzip: command.gzip };
	const machine = describeMachine();
	console.log(
		`${machine.cpu}, ${machine.cores} cores, ${machine.system}, Node ${machine.node}, sync ${machine.syncMs} ms`,
	);
	console.log(client.language === 'c' ? 'viewers in C' : `viewers in Node (${client.because})`);
	const pinning = planPinning(command.pin);
	usePinning(pinning);
	console.log(pinningText(pinning));

	const { gateways, results } = command;
	makeDirectory(results);
	const name = new Date().toISOString().replaceAll(':', '-');
	const file = join(results, `${name}.json`);
	const shared = { command: args, machine, client, ownNetwork: inOwnNetwork(), pinning, gateways };
	const runs: RunRecord[] = [];
	let written: RunFile | undefined;
	for (const planned of planRuns(command.scenarios, gateways, command.repeat)) {
		const { scenario, gateway, round } = planned;
		console.log(`\n${scenario.name}${partOf(planned, command)}: ${scenario.about}`);
		const options = optionsFor(command, planned, client);
		const { viewers, seconds, quick } = options;
		moveThisProcess(scenario.ownCode ? 'server' : 'load');
		const result = await scenario.run(options);
		console.log(`\n${figuresTable(result.figures)}`);
		if (result.checks.length > 0) console.log(`\n${checksList(result.checks)}`);
		const settings = { viewers, seconds, quick };
		runs.push({ scenario: scenario.name, gateway: gateway.name, round, settings, result });
		// After each run, so that an interrupted command keeps its results.
		written = writeRunFile(file, { at: new Date().toISOString(), ...shared, runs });
		await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
	}
	if (written === undefined) throw new Error('no scenario ran');
	printMedians(written);
	const comparisons = comparisonsOf(written, earlier);
	printComparisons(comparisons);
	if (command.json) console.log(`\n${JSON.stringify(written, null, '\t')}`);
	const report = writeReport(results, name, written, comparisons);
	console.log(`\nwritten to ${file}\nand ${report}`);
	return runs.every(({ result }) => result.checks.every(({ ok }) => ok)) ? 0 : 1;
}

/** Makes the directory of results. Throws a UsageError when it cannot. */
function makeDirectory(path: string): void {
	try {
		mkdirSync(path, { recursive: true });
	} catch (cause) {
		throw new UsageError(`--results: ${cause instanceof Error ? cause.message : cause}`, { cause });
	}
}

/** Returns which of several runs of a scenario this is. */
function partOf({ gateway, round }: PlannedRun, { gateways, repeat }: Command): string {
	const parts = [...(gateways.length > 1 ? [gateway.name] : []), ...(repeat > 1 ? [`run ${round} of ${repeat}`] : [])];
	return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

function optionsFor(command: Command, { scenario, gateway }: PlannedRun, client: ViewerClient): ScenarioOptions {
	const viewers = command.viewers ?? VIEWERS[client.language];
	const seconds = command.seconds ?? scenario.seconds;
	return {
		gateway: { file: gateway.file, nodeFlags: [...pinnedGatewayFlags(), ...command.nodeFlags] },
		client,
		viewers: command.quick ? Math.ceil(viewers / 10) : viewers,
		quick: command.quick,
		seconds: command.quick ? Math.ceil(seconds / 4) : seconds,
		progress: (text) => console.error(`  … ${text}`),
	};
}
