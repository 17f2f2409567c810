import { type Cut, cutNothing } from '../delivery/batch.ts';
import type { Updates } from '../delivery/update.ts';
import type { Membership } from './membership.ts';
import { type Parcel, type Relay, Router } from './router.ts';
import type { View } from './view.ts';

/** What a node does itself. */
export interface LocalNode {
	/** News whose owner this node is. */
	publish(updates: Updates): void;
	/** News for the viewers of this node. */
	deliver(updates: Updates): void;
	/** The cluster changed. */
	onView(view: View): void;
}

export interface ClusterNodeOptions {
	/** The name of this node. */
	readonly self: string;
	readonly membership: Membership;
	/** An owner gets at most one batch in it, in milliseconds. */
	readonly windowMs: number;
	/** The ways to other regions; by default there are none. */
	readonly relay?: Relay;
	readonly local: LocalNode;
}

/**
 * A node's part in the cluster as a state machine: it goes by what its membership learned, brings news to their owners
 * and to frontends, and keeps what is for the node itself off the network. It does no I/O and asks no clock.
 */
export class ClusterNode {
	readonly router: Router;
	readonly #self: string;
	readonly #membership: Membership;
	readonly #local: LocalNode;
	#view: View;

	constructor({ self, membership, windowMs, relay, local }: ClusterNodeOptions) {
		this.#self = self;
		this.#membership = membership;
		this.#local = local;
		this.#view = membership.view;
		this.router = new Router(self, windowMs, this.#view, relay);
	}

	/** What this node goes by. */
	get view(): View {
		return this.#view;
	}

	/** News of this node's Likes service, for their owners. */
	publish(updates: Updates): void {
		const own = this.router.publish(updates);
		if (own.size > 0) this.#local.publish(own);
	}

	/** Goes by what the membership learned. */
	noticeView(): void {
		const { view } = this.#membership;
		if (view === this.#view) return;
		this.#view = view;
		const own = this.router.setView(view);
		this.#local.onView(view);
		if (own.size > 0) this.#local.publish(own);
	}

	/** The batches that may leave for other nodes now, cut as `cutOf` says; what is for this one is delivered. */
	take(now: number, cutOf: (halvings: number) => Cut): Parcel[] {
		const parcels: Parcel[] = [];
		for (const parcel of this.router.take(now, (to, halvings) => (to === this.#self ? cutNothing : cutOf(halvings)))) {
			if (parcel.to !== this.#self) parcels.push(parcel);
			else {
				this.#local.deliver(parcel.updates);
				this.router.arrived(parcel);
			}
		}
		return parcels;
	}

	/** When there is something to send, or somebody to ping. */
	get dueAt(): number {
		return Math.min(this.router.dueAt ?? Number.POSITIVE_INFINITY, this.#membership.dueAt);
	}
}
