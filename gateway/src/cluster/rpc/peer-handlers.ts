import { Rejection } from '../../http/rejections.ts';
import { type Clock, REAL_CLOCK } from '../../runtime/clock.ts';
import type { Presence } from '../../state/kinds/presence.ts';
import type { RegistrationAnswer, Registrations } from '../../state/topics/registration.ts';
import type { Updates } from '../../state/update.ts';
import type { Membership, PeerIdentity, PingAnswer } from '../membership/membership.ts';
import type { TopicStore } from './topic-store.ts';

/** The functions by which a node carries out requests of other nodes; undefined without the role. */
export interface PeerRoles {
	readonly publish: ((updates: Updates, origin: { view: string; forwarded: boolean }) => void) | undefined;
	readonly subscribe: ((message: Registrations) => RegistrationAnswer) | undefined;
	readonly viewers: ((topic: string) => number) | undefined;
	/** Settles when the heartbeats have arrived at their owners. */
	readonly presence: ((users: readonly string[]) => void | Promise<void>) | undefined;
	readonly presenceOf: ((users: readonly string[]) => Promise<ReadonlyMap<string, Presence>>) | undefined;
	readonly deliver: ((updates: Updates) => void) | undefined;
	readonly store: TopicStore | undefined;
}

export interface PeerHandlersOptions extends PeerRoles {
	readonly self: { readonly node: string; readonly region: string };
	readonly membership: Membership;
	/** Called after each message of a node, by which the membership may have changed. */
	readonly onReceived: (sender: PeerIdentity) => void;
	/** Called with the epochs of other regions whose stores a node has read completely. */
	readonly onEpochs?: (epochs: ReadonlyMap<string, number>) => void;
	readonly clock?: Pick<Clock, 'now'>;
}

/** A ping, without the identity of its sender. */
export interface Ping {
	readonly leaving: boolean;
	/** The epochs of the regions that the sender has read to the end. */
	readonly epochs: ReadonlyMap<string, number>;
}

/** Carries out the requests of admitted nodes. Each function throws a {@link Rejection}; undefined without the role. */
export interface PeerHandlers extends Omit<PeerRoles, 'subscribe' | 'presence' | 'store'> {
	/** The caller calls it first with the sender of each request. */
	readonly received: (sender: PeerIdentity) => void;
	ping(ping: Ping, sender: PeerIdentity): Omit<PingAnswer, keyof PeerIdentity>;
	readonly subscribe: ((message: Registrations, sender: PeerIdentity) => RegistrationAnswer) | undefined;
	readonly presence: ((users: readonly string[], sender: PeerIdentity) => void | Promise<void>) | undefined;
	/** Returns the store of this node as a sender may use it. */
	readonly storeFor: ((sender: PeerIdentity) => TopicStore) | undefined;
}

export function createPeerHandlers(options: PeerHandlersOptions): PeerHandlers {
	const { self, membership, onReceived, onEpochs, clock = REAL_CLOCK, subscribe, presence, store } = options;

	/** Throws when a node sends rows of the own region: only the store of this region has them. */
	function refuseOwnRegion(region: string, { node }: PeerIdentity): void {
		if (region !== self.region) return;
		const detail = `${node} sent rows of the store of ${region}, which is the region of this node.`;
		throw new Rejection('peer_conflict', 'peer_region_own', detail);
	}

	return {
		...options,
		received: onReceived,
		ping({ leaving, epochs }, sender) {
			onEpochs?.(epochs);
			membership.pinged(sender, leaving, clock.now());
			onReceived(sender);
			return membership.ack(sender.node, clock.now());
		},
		subscribe:
			subscribe &&
			((message, sender) => {
				checkRegistrations(message, sender, membership);
				return subscribe(message);
			}),
		presence:
			presence &&
			((users, sender) => {
				checkView(sender.node, sender.view, membership);
				return presence(users);
			}),
		storeFor:
			store &&
			((sender) => ({
				...store,
				async replicate(region, rows, reached) {
					refuseOwnRegion(region, sender);
					await store.replicate(region, rows, reached);
				},
				async keepEvents(region, logs) {
					refuseOwnRegion(region, sender);
					await store.keepEvents(region, logs);
				},
			})),
	};
}

/** Throws unless a frontend registers for itself, by a ring that it named in a ping. */
function checkRegistrations(
	{ frontend, incarnation, view }: Registrations,
	sender: PeerIdentity,
	membership: Membership,
): void {
	if (frontend !== sender.node || incarnation !== sender.incarnation) {
		throw new Rejection('peer_conflict', 'peer_message', `${sender.node} registers for ${frontend} of ${incarnation}.`);
	}
	checkView(frontend, view, membership);
}

/** Throws unless a frontend named its ring in a ping. */
function checkView(frontend: string, view: string, membership: Membership): void {
	if (membership.isIntroduced(frontend, view)) return;
	const known = membership.view.ring.view;
	const detail = `${frontend} uses the view ${view}, which no ping has named; this node uses ${known}.`;
	throw new Rejection('peer_conflict', 'peer_view', detail);
}
