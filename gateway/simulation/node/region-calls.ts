import { encodeRelay } from '../../src/cluster/rpc/batches.ts';
import { PeerError, PeerRefusedError, PeerTooLongError } from '../../src/cluster/rpc/peer-client.ts';
import { createRegionAddresses } from '../../src/regions/region-addresses.ts';
import { REGION_DEADLINE_MS, type RegionCalls } from '../../src/regions/region-calls.ts';
import type { RelayBatch } from '../../src/regions/relay-queues.ts';
import { Violation } from '../engine/violation.ts';
import { carryOut, NEVER } from './calls.ts';
import type { Endpoint } from './endpoint.ts';
import type { Environment, RemoteRegions } from './environment.ts';
import type { NodeContext } from './node-context.ts';

/** The longest delay of a message that arrives again, in milliseconds. */
const REPLAY_MS = 20_000;

/** The largest number of events in one answer: small, so that a backfill takes several requests. */
const MAX_EVENTS = 3;

/** Returns the calls to other regions: those of `createRegionCalls`, without encoding, over simulated links. */
export function createSimulatedRegionCalls(
	environment: Environment,
	remote: RemoteRegions,
	from: NodeContext,
): Pick<RegionCalls, 'relay' | 'changes' | 'events' | 'timeline'> {
	const { clock, random, counts, region: own } = environment;
	const { environments, links } = remote;
	const addresses = createRegionAddresses(
		[...environments].map(([region, { dispatchers }]) => ({ region, urls: dispatchers })),
	);

	/** Asks the dispatcher of a region that answered last. */
	function call<Answer>(region: string, handle: (node: Endpoint) => Answer | Promise<Answer>): Promise<Answer> {
		if (from.process.isDead) return NEVER;
		return addresses.ask(region, (name) => carry(region, name, handle));
	}

	function carry<Answer>(
		region: string,
		name: string,
		handle: (node: Endpoint) => Answer | Promise<Answer>,
	): Promise<Answer> {
		const other = environments.get(region);
		return new Promise((resolve, reject) => {
			function back(outcome: { readonly answer: Answer } | PeerError): void {
				links.carry(region, own, () =>
					from.process.run(() => {
						if (outcome instanceof PeerError) reject(outcome);
						else resolve(outcome.answer);
					}),
				);
			}

			function arrive(): void {
				const node = other?.nodes.get(name);
				if (node === undefined || node.process.isDead || !node.isListening) {
					if (!other?.silent.has(name)) back(new PeerError(`${name} refuses the connection`));
					return;
				}
				node.process.run(() => carryOut(environment, name, () => handle(node), back));
			}

			from.process.after(REGION_DEADLINE_MS, () => reject(new PeerError(`${name} does not answer in time`)));
			links.carry(own, region, arrive);
			if (!random.chance(remote.replays)) return;
			counts.add('messages of other regions that came again, late');
			clock.after(random.next() * REPLAY_MS, () => links.carry(own, region, arrive));
		});
	}

	return {
		relay(relay) {
			const { to, updates, greeting } = relay;
			const foreign = checkOwn(relay, own);
			if (foreign !== undefined) clock.fail(new Violation(`${from.name} ${foreign}`));
			for (const { rows, log } of updates.values()) {
				if (Object.keys(rows).length > 0 || log !== undefined) counts.add('updates relayed');
			}
			return call(to, (node) => {
				const { relayBytes } = remote;
				if (relayBytes !== undefined && encodeRelay(updates, greeting).length > relayBytes / 2) {
					counts.add('relays that were too long');
					throw new PeerTooLongError(`${node.name} takes no relay of this length`);
				}
				counts.add(greeting ? 'relays that greeted' : 'relays');
				node.regionHandlers.relay(own, updates, greeting);
				environments.get(to)?.onFailpoint(node, 'received');
			}).catch((error: unknown) => {
				if (error instanceof PeerRefusedError) counts.add('messages of other regions that were rejected');
				if (!(error instanceof PeerTooLongError)) counts.add('relays that failed');
				throw error;
			});
		},
		async changes(region, since) {
			const limit = random.integer(1, remote.maxPageSize);
			const page = await call(region, (node) => node.regionHandlers.changes(since, limit));
			if (page.values.size > 0) counts.add('pages with values');
			return page;
		},
		events(region, topic, after, limit) {
			counts.add('logs of other regions asked for');
			const some = Math.min(limit, random.integer(1, MAX_EVENTS));
			return call(region, (node) => node.regionHandlers.events(topic, after, some));
		},
		timeline: (region, range) => call(region, (node) => node.regionHandlers.timeline(range)),
	};
}

/** Returns what a relay has that is not of the region that sends it; undefined when all of it is. */
function checkOwn({ to, updates }: Pick<RelayBatch, 'to' | 'updates'>, own: string): string | undefined {
	for (const [topic, { rows, log, values, sample }] of updates) {
		const registers = Object.values(values ?? {}).flatMap((ofKind) => Object.values(ofKind));
		const origins = [...Object.keys(rows), ...Object.keys(log ?? {}), ...registers.map(({ from }) => from)];
		const other = origins.find((name) => name !== own);
		// The last part of an update that was cut may carry only the sample.
		if (other !== undefined || (origins.length === 0 && sample.length === 0)) {
			return `relays to ${to} an update of ${other} for ${topic}`;
		}
	}
	return undefined;
}
