import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { BUILT_GATEWAY } from '../../local-cluster/nodes/local-node.ts';
import type { GatewayBuild } from './processes/gateway-process.ts';
import type { Scenario } from './scenario.ts';
import { UsageError } from './usage-error.ts';

export interface Command {
	readonly help: boolean;
	readonly scenarios: readonly Scenario[];
	readonly viewers: number | undefined;
	readonly seconds: number | undefined;
	/** The number of runs of each scenario. */
	readonly repeat: number;
	/** A file of an earlier run. */
	readonly compare: string | undefined;
	readonly quick: boolean;
	readonly json: boolean;
	readonly hostNetwork: boolean;
	readonly nodeClient: boolean;
	readonly gzip: boolean;
	/** The builds to measure in turn, at least one. */
	readonly gateways: readonly GatewayBuild[];
	/** Whether to pin servers and the load to their own cores. */
	readonly pin: boolean;
	/** The directory of results. */
	readonly results: string;
	readonly nodeFlags: readonly string[];
}

const MAX_SECONDS = 3_600;
/** One gateway process has fewer descriptors than this. */
const MAX_VIEWERS = 100_000;
const MAX_REPEAT = 100;

const RESULTS_DIR = fileURLToPath(new URL('../results', import.meta.url));

const OPTIONS = {
	help: { type: 'boolean', short: 'h', default: false },
	viewers: { type: 'string' },
	seconds: { type: 'string' },
	repeat: { type: 'string', default: '1' },
	compare: { type: 'string' },
	quick: { type: 'boolean', default: false },
	json: { type: 'boolean', default: false },
	'host-network': { type: 'boolean', default: false },
	'node-client': { type: 'boolean', default: false },
	gzip: { type: 'boolean', default: false },
	'no-pin': { type: 'boolean', default: false },
	gateway: { type: 'string', multiple: true },
	results: { type: 'string', default: RESULTS_DIR },
	'node-flags': { type: 'string', default: '' },
} as const;

/** Parses the arguments. Throws a UsageError that names the wrong argument. */
export function parseCommandLine(args: readonly string[], known: readonly Scenario[]): Command {
	const { values, positionals } = parseOptions(args);
	const scenarios = positionals.map((name) => {
		const scenario = known.find((candidate) => candidate.name === name);
		if (scenario !== undefined) return scenario;
		throw new UsageError(
			`unknown scenario '${name}'; known scenarios: ${known.map((candidate) => candidate.name).join(', ')}`,
		);
	});
	const gateways = gatewayBuilds(values.gateway ?? []);
	if (values.compare !== undefined && gateways.length > 1) {
		throw new UsageError('--compare takes one --gateway: several are compared with each other');
	}
	return {
		help: values.help,
		scenarios: scenarios.length > 0 ? scenarios : known,
		viewers: wholeNumber('viewers', values.viewers, MAX_VIEWERS),
		seconds: wholeNumber('seconds', values.seconds, MAX_SECONDS),
		repeat: wholeNumber('repeat', values.repeat, MAX_REPEAT) ?? 1,
		compare: values.compare,
		quick: values.quick,
		json: values.json,
		hostNetwork: values['host-network'],
		nodeClient: values['node-client'],
		gzip: values.gzip,
		gateways,
		pin: !values['no-pin'],
		results: values.results,
		nodeFlags: values['node-flags'].split(' ').filter((flag) => flag !== ''),
	};
}

function parseOptions(args: readonly string[]) {
	try {
		return parseArgs({ args: [...args], allowPositionals: true, options: OPTIONS });
	} catch (cause) {
		throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
	}
}

/** Parses `FILE` and `NAME=FILE`. A file without a name has its path as the name. */
function gatewayBuilds(values: readonly string[]): GatewayBuild[] {
	if (values.length === 0) return [{ name: 'gateway', file: BUILT_GATEWAY }];
	const builds = values.map((text) => {
		const [, name = text, file = text] = /^([\w.-]+)=(.+)$/.exec(text) ?? [];
		return { name, file };
	});
	for (const [index, { name, file }] of builds.entries()) {
		if (!existsSync(file)) throw new UsageError(`--gateway: ${file} does not exist`);
		if (builds.findIndex((other) => other.name === name) === index) continue;
		throw new UsageError(`--gateway: two gateways have the name '${name}'; name them: --gateway NAME=FILE`);
	}
	return builds;
}

function wholeNumber(flag: string, text: string | undefined, max: number): number | undefined {
	if (text === undefined) return undefined;
	const value = Number(text);
	if (Number.isInteger(value) && value >= 1 && value <= max) return value;
	throw new UsageError(`--${flag} should be a whole number from 1 to ${max}, not '${text}'`);
}

export function helpText(known: readonly Scenario[]): string {
	const list = known.map(({ name, about, seconds }) => `  ${name.padEnd(9)} ${about} (${seconds} s)`).join('\n');
	return `npm run bench -- [scenario …] [--flag …]

Measures a real gateway process over real sockets. Without a name it runs all scenarios:

${list}

  --viewers N        the number of viewers (10,000; with the Node client 2,000)
  --seconds N        the time of load of each scenario
  --repeat N         runs all scenarios N times, one after the other, and reports the median, lowest and highest value
  --compare FILE     prints what changed since the run that wrote this JSON
  --quick            a tenth of the viewers and a quarter of the time: a test of the benchmark, not for comparisons
  --json             also prints the JSON, which is always written to the directory of results
  --results DIR      the directory of results: the JSON, a report in Markdown, plots in SVG; bench/results by default
  --node-client      runs the viewers in Node, even with a C compiler
  --gzip             the viewers accept gzip; without it they get plain bytes
  --host-network     uses the network of the machine, where the gateway hardly notices blocked viewers
  --no-pin           lets the system choose the cores; otherwise servers and the load have their own, where taskset exists
  --gateway FILE     measures another build of the gateway; NAME=FILE names it in reports. Given several times,
                     the builds run in turn, and each is compared with the first
  --node-flags="…"   flags of Node.js for the gateway, such as --cpu-prof

Exit code 1 when a like is lost, a sum is wrong or a scenario fails, never because of speed. Exit code 2 when an argument or
the file of --compare is wrong.
`;
}
