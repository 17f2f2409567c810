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
	readonly gateway: string;
	readonly nodeFlags: readonly string[];
}

const MAX_SECONDS = 3_600;
/** More than one gateway process has descriptors for. */
const MAX_VIEWERS = 100_000;

/** What is to be run. Throws an Error that says what is wrong with the arguments. */
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
			gateway: { type: 'string', default: BUILT_GATEWAY },
			'node-flags': { type: 'string', default: '' },
		},
	});
	const scenarios = positionals.map((name) => {
		const scenario = known.find((candidate) => candidate.name === name);
		if (scenario !== undefined) return scenario;
		throw new Error(`there is no '${name}'; there are: ${known.map((candidate) => candidate.name).join(', ')}`);
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

Drives a real gateway process over real sockets. Without a scenario it runs all:

${list}

  --viewers N        how many viewers (10,000; with the Node client 2,000)
  --seconds N        how long the load of each scenario lasts
  --quick            a tenth of the viewers and a quarter of the time: to see that it works, not to compare
  --json             prints the JSON too; it is always written to bench/results/
  --node-client      plays the viewers in Node even if there is a C compiler
  --host-network     stays in the network of the machine; blocked viewers are hardly noticed there
  --gateway FILE     another build of the gateway
  --node-flags="…"   flags for the gateway's Node, such as --cpu-prof

Exit code 1 when a like was lost or a sum was wrong; never because something was slow.
`;
}
