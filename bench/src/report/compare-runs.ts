import { pinningText } from '../processes/pinning.ts';
import { type ComparedScenario, compare, type Side } from './comparison.ts';
import type { RunFile } from './run-file.ts';

/** What two sides measured: two gateways of a run, or a run and an earlier one. */
export interface Comparison {
	readonly names: readonly [string, string];
	readonly compared: readonly ComparedScenario[];
	/** Differences of the machines and the clients. */
	readonly differences: readonly string[];
}

/** Returns the comparisons of a run: with an earlier run, and of each further gateway with the first. */
export function comparisonsOf(run: RunFile, earlier?: RunFile): Comparison[] {
	const [first, ...others] = run.gateways.map(({ name }) => name) as [string, ...string[]];
	const inTurn = others.map(
		(name): Comparison => ({
			names: [first, name],
			compared: compare(sideOf(run, first), sideOf(run, name), true),
			differences: [],
		}),
	);
	if (earlier === undefined) return inTurn;
	const [before] = earlier.gateways as [RunFile['gateways'][number]];
	const compared = compare(sideOf(earlier, before.name), sideOf(run, first), false);
	return [{ names: ['before', 'now'], compared, differences: conditionsThatDiffer(earlier, run) }, ...inTurn];
}

/** Returns the runs of one gateway. */
function sideOf({ runs }: RunFile, gateway: string): Side {
	return { name: gateway, runs: runs.filter((run) => run.gateway === gateway) };
}

/** Returns the conditions that two runs do not share. */
function conditionsThatDiffer(before: RunFile, after: RunFile): string[] {
	const of = ({ machine, client, ownNetwork, pinning }: RunFile) => ({
		processor: machine.cpu,
		'number of cores': machine.cores,
		system: machine.system,
		Node: machine.node,
		'viewers in': client.language,
		gzip: client.gzip ?? false,
		'own network': ownNetwork,
		cores: pinningText(pinning),
	});
	const [from, to] = [of(before), of(after)];
	return (Object.keys(from) as (keyof typeof from)[])
		.filter((name) => from[name] !== to[name])
		.map((name) => `${name}: ${from[name]} → ${to[name]}`);
}
