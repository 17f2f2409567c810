import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Command, helpText, parseCommandLine } from './cli.ts';
import { describeMachine } from './measure/machine.ts';
import { killChildrenAtExit } from './processes/child-processes.ts';
import { inOwnNetwork, runInOwnNetwork } from './processes/network-namespace.ts';
import { moveThisProcess, pinnedGatewayFlags, pinningText, planPinning, usePinning } from './processes/pinning.ts';
import { checksList, figuresTable } from './report/table.ts';
import type { Scenario, ScenarioOptions, ScenarioResult } from './scenario.ts';
import { digests } from './scenarios/digests.ts';
import { dispatcher } from './scenarios/dispatcher.ts';
import { encodings } from './scenarios/encodings.ts';
import { frames } from './scenarios/frames.ts';
import { growth } from './scenarios/growth.ts';
import { ingest } from './scenarios/ingest.ts';
import { memory } from './scenarios/memory.ts';
import { million } from './scenarios/million.ts';
import { overload } from './scenarios/overload.ts';
import { postgres } from './scenarios/postgres.ts';
import { presence } from './scenarios/presence.ts';
import { regions } from './scenarios/regions.ts';
import { single } from './scenarios/single.ts';
import { tiers } from './scenarios/tiers.ts';
import { findViewerClient, type ViewerClient } from './viewers/viewer-client.ts';

const RESULTS_DIR = fileURLToPath(new URL('../results', import.meta.url));

const SCENARIOS: readonly Scenario[] = [
	million,
	frames,
	encodings,
	memory,
	ingest,
	single,
	tiers,
	dispatcher,
	digests,
	growth,
	postgres,
	regions,
	presence,
	overload,
];

const VIEWERS = { c: 10_000, node: 2_000 } as const;

/** The pause between two scenarios, in milliseconds, in which the processes of the last one end. */
const PAUSE_MS = 1_000;

async function main(): Promise<number> {
	const command = parseCommandLine(process.argv.slice(2), SCENARIOS);
	if (command.help) {
		console.log(helpText(SCENARIOS));
		return 0;
	}
	if (!command.hostNetwork && !inOwnNetwork()) {
		const code = await runInOwnNetwork();
		if (code !== undefined) return code;
		console.error(
			'This machine allows no network namespace: the kernel hides blocked viewers for longer than a run.\n',
		);
	}
	killChildrenAtExit();
	return measure(command);
}

async function measure(command: Command): Promise<number> {
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

	const results: Record<string, ScenarioResult> = {};
	for (const scenario of command.scenarios) {
		console.log(`\n${scenario.name}: ${scenario.about}`);
		moveThisProcess(scenario.ownCode ? 'server' : 'load');
		const result = await scenario.run(optionsFor(command, scenario, client));
		results[scenario.name] = result;
		console.log(`\n${figuresTable(result.figures)}`);
		if (result.checks.length > 0) console.log(`\n${checksList(result.checks)}`);
		await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
	}

	const at = new Date().toISOString();
	const run = { at, command: process.argv.slice(2), machine, client, ownNetwork: inOwnNetwork(), pinning, results };
	mkdirSync(RESULTS_DIR, { recursive: true });
	const file = join(RESULTS_DIR, `${at.replaceAll(':', '-')}.json`);
	writeFileSync(file, `${JSON.stringify(run, null, '\t')}\n`);
	if (command.json) console.log(`\n${JSON.stringify(run, null, '\t')}`);
	console.log(`\nwritten to ${file}`);
	return Object.values(results).every(({ checks }) => checks.every(({ ok }) => ok)) ? 0 : 1;
}

function optionsFor(command: Command, scenario: Scenario, client: ViewerClient): ScenarioOptions {
	const viewers = command.viewers ?? VIEWERS[client.language];
	const seconds = command.seconds ?? scenario.seconds;
	return {
		gateway: { file: command.gateway, nodeFlags: [...pinnedGatewayFlags(), ...command.nodeFlags] },
		client,
		viewers: command.quick ? Math.ceil(viewers / 10) : viewers,
		quick: command.quick,
		seconds: command.quick ? Math.ceil(seconds / 4) : seconds,
		progress: (text) => console.error(`  … ${text}`),
	};
}

main().then(
	(code) => process.exit(code),
	(error: unknown) => {
		console.error(`bench: ${error instanceof Error ? error.message : error}`);
		process.exit(1);
	},
);
