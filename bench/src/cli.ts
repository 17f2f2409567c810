import { parseArgs } from 'node:util';
import { BUILT_GATEWAY } from '../../local-cluster/nodes/local-node.ts';
import type { Scenario } from './scenario.ts';

export interface Command {
	readonly help: boolean;
	readonly scenarios: readonly Scenario[];
	readonly viewers: number | undefined;
	readonly seconds: number | undefined;
	readonly quick: boolean;
	readonly json: boolean;
	readonly hostNetwork: boolean;
	readonly nodeClient: boolean;
	readonly gzip: boolean;
	/** Whether to pin servers and the load to their own cores. */
	readonly pin: boolean;
	readonly gateway: string;
	readonly nodeFlags: readonly string[];
}

const MAX_SECONDS = 3_600;
/** One gateway process has fewer descriptors than this. */
const MAX_VIEWERS = 100_000;

/** Parses the arguments. Throws an Error that names the wrong argument. */
export function parseCommandLine(args: readonly string[], known: readonly Scenario[]): Command {
	const { values, positionals } = parseArgs({
		args: [...args],
		allowPositionals: true,
		options: {
			help: { type: 'boolean', short: 'h', default: false },
			viewers: { type: 'string' },
			seconds: { type: 'string' },
			quick: { type: 'boolean', default: false },
			json: { type: 'boolean', default: false },
			'host-network': { type: 'boolean', default: false },
			'node-client': { type: 'boolean', default: false },
			gzip: { type: 'boolean', default: false },
			'no-pin': { type: 'boolean', default: false },
			gateway: { type: 'string', default: BUILT_GATEWAY },
			'node-flags': { type: 'string', default: '' },
		},
	});
	const scenarios = positionals.map((name) => {
		const scenario = known.find((candidate) => candidate.name === name);
		if (scenario !== undefined) return scenario;
		throw new Error(
			`unknown scenario '${name}'; known scenarios: ${known.map((candidate) => candidate.name).join(', ')}`,
		);
	});
	return {
		help: values.help,
		scenarios: scenarios.length > 0 ? scenarios : known,
		viewers: wholeNumber('viewers', values.viewers, MAX_VIEWERS),
		seconds: wholeNumber('seconds', values.seconds, MAX_SECONDS),
		quick: values.quick,
		json: values.json,
		hostNetwork: values['host-network'],
		nodeClient: values['node-client'],
		gzip: values.gzip,
		pin: !values['no-pin'],
		gateway: values.gateway,
		nodeFlags: values['node-flags'].split(' ').filter((flag) => flag !== ''),
	};
}

function wholeNumber(flag: string, text: string | undefined, max: number): number | undefined {
	if (text === undefined) return undefined;
	const value = Number(text);
	if (Number.isInteger(value) && value >= 1 && value <= max) return value;
	throw new Error(`--${flag} should be a whole number from 1 to ${max}, not '${text}'`);
}

export function helpText(known: readonly Scenario[]): string {
	const list = known.map(({ name, about, seconds }) => `  ${name.padEnd(9)} ${about} (${seconds} s)`).join('\n');
	return `npm run bench -- [scenario …] [--flag …]

Measures a real gateway process over real sockets. Without a name it runs all scenarios:

${list}

  --viewers N        the number of viewers (10,000; with the Node client 2,000)
  --seconds N        the time of load of each scenario
  --quick            a tenth of the viewers and a quarter of the time: a test of the benchmark, not for comparisons
  --json             also prints the JSON, which is always written to bench/results/
  --node-client      runs the viewers in Node, even with a C compiler
  --gzip             the viewers accept gzip; without it they get plain bytes
  --host-network     uses the network of the machine, where the gateway hardly notices blocked viewers
  --no-pin           lets the system choose the cores; otherwise servers and the load have their own, where taskset exists
  --gateway FILE     measures another build of the gateway
  --node-flags="…"   flags of Node.js for the gateway, such as --cpu-prof

Exit code 1 when a like is lost or a sum is wrong, never because of speed.
`;
}
