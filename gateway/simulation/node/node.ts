import { Membership, type PeerIdentity } from '../../src/cluster/membership/membership.ts';
import type { Peer, Role } from '../../src/cluster/membership/peer.ts';
import type { Ring } from '../../src/cluster/membership/ring.ts';
import type { PeerBatch } from '../../src/cluster/routing/batch-queue.ts';
import { Router } from '../../src/cluster/routing/router.ts';
import { cutsTo } from '../../src/cluster/rpc/batches.ts';
import { DEADLINE_MS, PING_DEADLINE_MS } from '../../src/cluster/rpc/peer-calls.ts';
import { NO_UPDATES } from '../../src/outbox/batch.ts';
import { ReplicationState } from '../../src/regions/replication-state.ts';
import type { Updates } from '../../src/state/update.ts';
import { WALL_TIME_START } from '../engine/clock.ts';
import { Process } from '../engine/process.ts';
import { call } from './calls.ts';
import { DispatcherRole } from './dispatcher-role.ts';
import type { Environment } from './environment.ts';
import { FrontendRole } from './frontend-role.ts';
import { LikesRole } from './likes-role.ts';
import type { NodeContext, PeerPort, Ping } from './peer-port.ts';
import { RegionRole } from './region-role.ts';
import { askLocally } from './store-access.ts';

/** As in `app.ts`: the steps of a graceful stop, in milliseconds. */
const DRAIN_MS = 1_000;
const LAST_BATCHES_MS = 1_000;
const LEAVE_MS = 500;

/** One life of a node: the shipping machines, joined as `app.ts` joins their drivers. */
export class Node implements NodeContext {
	readonly name: string;
	readonly peer: Peer;
	readonly process: Process;
	readonly membership: Membership;
	readonly router: Router;
	readonly hasStore: boolean;
	readonly dispatcher: DispatcherRole | undefined;
	readonly frontend: FrontendRole | undefined;
	readonly likes: LikesRole | undefined;
	/** Undefined in a simulation of one region. */
	readonly regions: RegionRole | undefined;
	readonly replication: ReplicationState;
	readonly port: PeerPort;
	/** The comments whose deletions this frontend sent to a viewer. */
	readonly deletedComments = new Set<string>();
	/** Whether the node announced its stop, and takes no more viewers and likes. */
	leaving = false;
	readonly incarnation: number;
	readonly #clockErrorMs: number;
	readonly #environment: Environment;
	readonly #wake: () => void;
	#ring: Ring;

	constructor(environment: Environment, peer: Peer, peers: readonly Peer[]) {
		const { clock, windowMs, region, remote } = environment;
		const has = (role: Role) => peer.roles.includes(role);
		this.#environment = environment;
		this.name = peer.node;
		this.peer = peer;
		this.process = new Process(clock);
		this.incarnation = Math.floor(clock.now) + 1;
		this.#clockErrorMs = environment.clockErrorMs * (2 * environment.random.next() - 1);
		this.membership = new Membership({ ...peer, incarnation: this.incarnation });
		this.membership.name(peers, clock.now);
		const others = [...(remote?.environments.keys() ?? [])];
		this.replication = new ReplicationState({
			region,
			others,
			greets: has('dispatcher'),
			windowMs,
			...(remote?.relayBytes !== undefined && { cutOf: cutsTo(remote.relayBytes) }),
		});
		this.router = new Router(this.name, windowMs, this.membership.view, {
			put: (updates) => {
				if (this.replication.relayQueues.put(updates)) this.regions?.wake();
			},
		});
		this.#ring = this.router.view.ring;
		this.port = this.#createPort();
		this.hasStore = has('likes');
		if (has('dispatcher')) this.dispatcher = new DispatcherRole(environment, this);
		if (has('frontend')) this.frontend = new FrontendRole(environment, this);
		if (has('likes')) this.likes = new LikesRole(environment, this);
		if (remote !== undefined) this.regions = new RegionRole(environment, remote, this);
		this.router.start({
			publish: (updates) => this.dispatcher?.publishOwn(updates),
			deliver: (updates) => this.frontend?.deliver(updates),
			onView: (view) => {
				if (view.ring !== this.#ring) environment.counts.add('rings that changed');
				this.#ring = view.ring;
				this.dispatcher?.setView(view);
				this.frontend?.setRing(view.ring);
				this.regions?.wake();
			},
		});
		this.#wake = this.process.createRunLoop((now) => {
			this.router.setView(this.membership.view);
			for (const node of this.membership.takePings(now)) this.#ping(node);
			this.#send(now);
			return Math.min(this.router.dueAt ?? Number.POSITIVE_INFINITY, this.membership.dueAt);
		});
		this.#wake();
	}

	/** The clock of this node, which may be off, in Unix milliseconds. */
	get wallTime(): number {
		return Math.round(WALL_TIME_START + this.process.now + this.#clockErrorMs);
	}

	get identity(): PeerIdentity {
		return { node: this.name, incarnation: this.incarnation, view: this.membership.view.ring.view };
	}

	admit(identity: PeerIdentity): boolean {
		const check = this.membership.received(identity, this.process.now);
		if (check !== 'received') {
			this.#environment.counts.add(`requests that were ${check}`);
			return false;
		}
		this.#witness(identity);
		return true;
	}

	publish(updates: Updates): void {
		this.router.publish(updates);
		this.#wake();
	}

	flush(): void {
		this.#send(this.process.now);
		this.#wake();
	}

	/** Stops as on SIGTERM: each tier sends what it has before the next one stops. Then calls `gone`. */
	leave(gone: () => void): void {
		const { process, membership, router, frontend, likes, dispatcher, regions } = this;
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
							process.when(() => idle() && (regions?.isIdle ?? true), LAST_BATCHES_MS, gone);
						}),
					),
			);
		};
		if (frontend === undefined) stop();
		else {
			frontend.drain(DRAIN_MS, () =>
				process.when(
					() => frontend.presenceReporter.isIdle,
					LAST_BATCHES_MS,
					() => {
						frontend.presenceReporter.close();
						stop();
					},
				),
			);
		}
	}

	#createPort(): PeerPort {
		const { counts } = this.#environment;
		return {
			ping: (from, { leaving, epochs }) => {
				this.regions?.learn(epochs);
				this.membership.pinged(from, leaving, this.process.now);
				this.#witness(from);
				return this.membership.ack(from.node, this.process.now);
			},
			publish: (updates, origin) => this.dispatcher?.publish(updates, origin),
			deliver: (updates) => {
				if (this.#environment.frontendsRefuse) return false;
				this.frontend?.deliver(updates);
				return true;
			},
			subscribe: (from, message) => {
				if (this.membership.isIntroduced(from.node, message.view)) {
					return this.dispatcher?.subscribe(message) ?? NO_UPDATES;
				}
				counts.add('registrations by an unknown view');
				return undefined;
			},
			heartbeat: (users) => this.dispatcher?.heartbeat(users),
			read: (ask, reply) => askLocally(this.#environment, this.process, ask, reply),
			relay: (region, updates, greeting) => this.regions?.receive(region, updates, greeting),
			changes: (since, reply) => this.regions?.changes(since, reply),
			events: (behind, reply) => this.regions?.events(behind, reply),
		};
	}

	#witness({ node, view }: PeerIdentity): void {
		this.dispatcher?.dispatch.witness(node, view);
		this.#wake();
	}

	#ping(to: string): void {
		const { membership, process } = this;
		const ping: Ping = { leaving: membership.leaving, epochs: new Map(this.replication.epochs) };
		call<ReturnType<Membership['ack']>>(this.#environment, {
			from: this,
			to,
			deadlineMs: PING_DEADLINE_MS,
			handle: (port, from, reply) => reply(port.ping(from, ping)),
			done: (answer, by) => {
				if (answer === undefined || by === undefined) membership.unanswered(to, process.now);
				else membership.answered({ ...by, ...answer }, process.now);
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
		call<true>(this.#environment, {
			from: this,
			to: batch.to,
			deadlineMs: DEADLINE_MS,
			handle(port, { view }, reply) {
				if (kind === 'publish') port.publish(updates, { view, forwarded });
				else if (!port.deliver(updates)) return reply(undefined);
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
