import { Membership, type PeerIdentity } from '../../src/cluster/membership/membership.ts';
import type { Peer, Role } from '../../src/cluster/membership/peer.ts';
import type { Ring } from '../../src/cluster/membership/ring.ts';
import type { PeerBatch } from '../../src/cluster/routing/batch-queue.ts';
import { Router } from '../../src/cluster/routing/router.ts';
import { cutsTo } from '../../src/cluster/rpc/batches.ts';
import { DEADLINE_MS, PING_DEADLINE_MS } from '../../src/cluster/rpc/peer-calls.ts';
import { ReplicationState } from '../../src/regions/replication-state.ts';
import type { Updates } from '../../src/state/update.ts';
import { Process } from '../engine/process.ts';
import { call } from './calls.ts';
import { DispatcherRole } from './dispatcher-role.ts';
import type { World } from './environment.ts';
import { FrontendRole } from './frontend-role.ts';
import { LikesRole } from './likes-role.ts';
import { RegionRole } from './region-role.ts';

/** As in `app.ts`: the steps of a graceful stop, in milliseconds. */
const DRAIN_MS = 1_000;
const LAST_BATCHES_MS = 1_000;
const LEAVE_MS = 500;

/** The time at which virtual time begins, in Unix milliseconds. */
const BEGAN_AT = Date.UTC(2026, 0);

/** The right time, in Unix milliseconds. */
export function wallTimeAt(now: number): number {
	return BEGAN_AT + Math.round(now);
}

/** One life of a node: the shipping machines, joined as `app.ts` joins their drivers. */
export class Node {
	readonly name: string;
	readonly peer: Peer;
	readonly process: Process;
	readonly membership: Membership;
	readonly router: Router;
	readonly dispatcher: DispatcherRole | undefined;
	readonly frontend: FrontendRole | undefined;
	readonly likes: LikesRole | undefined;
	/** Undefined when there are no other regions. */
	readonly abroad: RegionRole | undefined;
	readonly exchange: ReplicationState;
	/** The comments of which this frontend told anybody that they are deleted. */
	readonly deletedThere = new Set<string>();
	/** It has said that it stops, and takes no more viewers and likes. */
	leaving = false;
	readonly incarnation: number;
	readonly #clockErrorMs: number;
	readonly #world: World;
	readonly #wake: () => void;
	#ring: Ring;

	constructor(world: World, peer: Peer, peers: readonly Peer[]) {
		const { timeline, windowMs, region, abroad } = world;
		const has = (role: Role) => peer.roles.includes(role);
		this.#world = world;
		this.name = peer.node;
		this.peer = peer;
		this.process = new Process(timeline);
		this.incarnation = Math.floor(timeline.now) + 1;
		this.#clockErrorMs = world.clockErrorMs * (2 * world.random.next() - 1);
		this.membership = new Membership({ ...peer, incarnation: this.incarnation });
		this.membership.name(peers, timeline.now);
		const others = [...(abroad?.worlds.keys() ?? [])];
		this.exchange = new ReplicationState({
			region,
			others,
			greets: has('dispatcher'),
			windowMs,
			...(abroad?.relayBytes !== undefined && { cutOf: cutsTo(abroad.relayBytes) }),
		});
		this.router = new Router(this.name, windowMs, this.membership.view, {
			put: (updates) => {
				if (this.exchange.relayQueues.put(updates)) this.abroad?.wake();
			},
		});
		this.#ring = this.router.view.ring;
		if (has('dispatcher')) this.dispatcher = new DispatcherRole(world, this);
		if (has('frontend')) this.frontend = new FrontendRole(world, this);
		if (has('likes')) this.likes = new LikesRole(world, this);
		if (abroad !== undefined) this.abroad = new RegionRole(world, abroad, this);
		this.router.start({
			publish: (updates) => this.dispatcher?.publishOwn(updates),
			deliver: (updates) => this.frontend?.deliver(updates),
			onView: (view) => {
				if (view.ring !== this.#ring) world.counts.add('rings that changed');
				this.#ring = view.ring;
				this.dispatcher?.setView(view);
				this.frontend?.setRing(view.ring);
				this.abroad?.wake();
			},
		});
		this.#wake = this.process.alarm((now) => {
			this.router.setView(this.membership.view);
			for (const node of this.membership.takePings(now)) this.#ping(node);
			this.#send(now);
			return Math.min(this.router.dueAt ?? Number.POSITIVE_INFINITY, this.membership.dueAt);
		});
		this.#wake();
	}

	/** What this node takes for the time, in Unix milliseconds. */
	get wallTime(): number {
		return Math.round(BEGAN_AT + this.process.now + this.#clockErrorMs);
	}

	/** What every request and answer says of this node. */
	get word(): PeerIdentity {
		return { node: this.name, incarnation: this.incarnation, view: this.membership.view.ring.view };
	}

	/** Whether a request may come in. */
	admit(word: PeerIdentity): boolean {
		const verdict = this.membership.received(word, this.process.now);
		if (verdict !== 'received') {
			this.#world.counts.add(`requests that were ${verdict}`);
			return false;
		}
		this.#heard(word);
		return true;
	}

	/** News of this node's Likes service. */
	publish(updates: Updates): void {
		this.router.publish(updates);
		this.#wake();
	}

	/** Sends what is due now, without waiting for the next turn. */
	flush(): void {
		this.#send(this.process.now);
		this.#wake();
	}

	/** SIGTERM: each tier hands on what it has before the next one stops; then `gone`. */
	leave(gone: () => void): void {
		const { process, membership, router, frontend, likes, dispatcher, abroad } = this;
		const idle = () => router.isIdle;
		this.leaving = true;
		membership.leave(process.now);
		this.#wake();
		const stop = () => {
			if (likes) likes.closing = true;
			process.when(
				() => likes?.idle ?? true,
				Number.POSITIVE_INFINITY,
				() =>
					process.when(idle, LAST_BATCHES_MS, () =>
						process.after(LEAVE_MS, () => {
							dispatcher?.close();
							dispatcher?.store();
							process.when(() => idle() && (abroad?.isIdle ?? true), LAST_BATCHES_MS, gone);
						}),
					),
			);
		};
		if (frontend === undefined) stop();
		else {
			frontend.drain(DRAIN_MS, () =>
				process.when(
					() => frontend.pulse.isIdle,
					LAST_BATCHES_MS,
					() => {
						frontend.pulse.close();
						stop();
					},
				),
			);
		}
	}

	#heard({ node, view }: PeerIdentity): void {
		this.dispatcher?.dispatch.witness(node, view);
		this.#wake();
	}

	#ping(to: string): void {
		const { membership, process } = this;
		const { leaving } = membership;
		const epochs = new Map(this.exchange.epochs);
		call<ReturnType<Membership['ack']>>(this.#world, {
			from: this,
			to,
			deadlineMs: PING_DEADLINE_MS,
			handle(node, word, reply) {
				node.abroad?.learn(epochs);
				node.membership.pinged(word, leaving, node.process.now);
				node.#heard(word);
				reply(node.membership.ack(word.node, node.process.now));
			},
			done: (answer, word) => {
				if (answer === undefined || word === undefined) membership.unanswered(to, process.now);
				else membership.answered({ ...word, ...answer }, process.now);
				this.#wake();
			},
		});
	}

	#send(now: number): void {
		for (const batch of this.router.take(now)) this.#carry(batch);
	}

	#carry(batch: PeerBatch): void {
		const { kind, updates } = batch;
		const forwarded = this.dispatcher !== undefined;
		const world = this.#world;
		call<true>(world, {
			from: this,
			to: batch.to,
			deadlineMs: DEADLINE_MS,
			handle({ dispatcher, frontend }, { view }, reply) {
				if (kind === 'publish') dispatcher?.publish(updates, { view, forwarded });
				else if (world.frontendsRefuse) return reply(undefined);
				else frontend?.deliver(updates);
				reply(true);
			},
			done: (answer) => {
				if (answer) this.router.arrived(batch);
				else this.router.failed(batch, this.process.now);
				this.#wake();
			},
		});
	}
}
