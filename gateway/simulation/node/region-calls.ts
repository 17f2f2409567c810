import { REGION_DEADLINE_MS } from '../../src/regions/region-calls.ts';
import type { Environment, RemoteRegions } from './environment.ts';
import type { NodeContext, PeerPort, Reply } from './peer-port.ts';

/** The longest delay of a message that arrives again, in milliseconds. */
const REPLAY_MS = 20_000;

export interface RegionCall<Answer> {
	readonly from: NodeContext;
	/** A region. */
	readonly to: string;
	/** Its dispatchers; one that does not answer goes to the end. */
	readonly dispatchers: string[];
	/** Carries the request out at the dispatcher that receives it. */
	handle(port: PeerPort, reply: Reply<Answer>): void;
	/** Called once: with the answer, or without one when the request was refused, lost or late. */
	done(answer?: Answer): void;
}

/** Sends a request to another region, as `RegionCalls` sends it and `regionRoutes` takes it. */
export function callRegion<Answer>(
	environment: Environment,
	{ environments, links, replays }: RemoteRegions,
	request: RegionCall<Answer>,
): void {
	const { from, to, dispatchers, handle, done } = request;
	const { clock, random, counts, region } = environment;
	const other = environments.get(to);
	const name = dispatchers[0];
	if (other === undefined || name === undefined) throw new Error(`region ${to} has no dispatcher`);
	let settled = false;

	function settle(answer?: Answer): void {
		if (settled) return;
		settled = true;
		if (answer === undefined && dispatchers[0] === name) dispatchers.push(...dispatchers.splice(0, 1));
		done(answer);
	}

	function answerTo(answer: Answer | undefined): void {
		links.carry(to, region, () => from.process.run(() => settle(answer)));
	}

	function arrive(): void {
		const node = other?.nodes.get(name as string);
		if (node === undefined || node.process.isDead) {
			if (!other?.silent.has(name as string)) answerTo(undefined);
			return;
		}
		node.process.run(() => handle(node.port, answerTo));
	}

	from.process.after(REGION_DEADLINE_MS, () => settle());
	links.carry(region, to, arrive);
	if (!random.chance(replays)) return;
	counts.add('messages of other regions that came again, late');
	clock.after(random.next() * REPLAY_MS, () => links.carry(region, to, arrive));
}
