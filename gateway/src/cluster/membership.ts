import type { Peer } from './peers.ts';
import { Ring, type RingMember } from './ring.ts';

/** Nodes are pinged so often, in milliseconds. */
export const PING_MS = 1_000;

/** A node that missed so many pings in a row is out. */
export const MISSES_OUT = 3;

/** After pings alone took dispatchers off the ring, no further one goes for so long, in milliseconds. */
const REMOVAL_PAUSE_MS = MISSES_OUT * PING_MS;

/**
 * What a node is to us: `unknown` before its first word, `suspect` after a missed ping, `out` after three, `leaving`
 * when it said that it stops.
 */
export type Standing = 'unknown' | 'alive' | 'suspect' | 'out' | 'leaving';

/** What every word between nodes, a request or an answer, says of the node that it comes from. */
export interface Word {
	readonly node: string;
	/** Since when it runs, in Unix milliseconds; tells one life of a node from the next. */
	readonly incarnation: number;
	/** The ring that it goes by. */
	readonly view: string;
}

/** What an answer to a ping says besides. */
export interface PingAnswer extends Word {
	readonly leaving: boolean;
	/** How many of its own pings to us went unanswered in a row. */
	readonly missed: number;
}

/** What a word is worth: `foreign` comes from no node of ours, `stale` from a life that is over, `double` bears our own name. */
export type Verdict = 'heard' | 'foreign' | 'stale' | 'double';

interface Acquaintance {
	readonly peer: Peer;
	/** Whether we ping it: dispatchers ping everyone, and everyone pings the dispatchers. */
	readonly pinged: boolean;
	incarnation: number | undefined;
	leaving: boolean;
	/** Pings of ours in a row that it did not answer, and pings of its own to us that we did not. */
	misses: number;
	missesOfUs: number;
	heardAt: number;
	pinging: boolean;
	/** The view that our last ping to it named, and the one that its last ping or answer named. */
	toldView: string | undefined;
	view: string | undefined;
}

/** What a node goes by when it routes; replaced whenever it changes. */
export interface View {
	readonly ring: Ring;
	/** The frontends that may have viewers: all that are not known to be gone. */
	readonly frontends: ReadonlySet<string>;
	/** The Likes nodes that answer, the most dependable first. */
	readonly likes: readonly string[];
	/** The incarnation of each node that was heard of. */
	readonly incarnations: ReadonlyMap<string, number>;
}

/**
 * Who is in the cluster, and who of them lives, as far as this node can tell. Names come from outside; life is told by
 * pings, both ways. Deterministic; `now` is the monotonic clock of this node.
 */
export class Membership {
	readonly #self: Peer & { readonly incarnation: number };
	readonly #known = new Map<string, Acquaintance>();
	/** The dispatchers on the ring, with the incarnations that it names. */
	readonly #onRing = new Map<string, number>();
	#leaving = false;
	#nextRoundAt = Number.NEGATIVE_INFINITY;
	#removalAt = Number.NEGATIVE_INFINITY;
	#view: View = { ring: new Ring([]), frontends: new Set(), likes: [], incarnations: new Map() };

	constructor(self: Peer & { readonly incarnation: number }) {
		this.#self = self;
		if (self.roles.includes('dispatcher')) this.#onRing.set(self.node, self.incarnation);
		this.#update(Number.NEGATIVE_INFINITY);
	}

	get view(): View {
		return this.#view;
	}

	get leaving(): boolean {
		return this.#leaving;
	}

	/** All nodes but this one that there should be; those that were known and are not named any more are forgotten. */
	name(peers: readonly Peer[], now: number): void {
		const named = new Map(peers.filter(({ node }) => node !== this.#self.node).map((peer) => [peer.node, peer]));
		for (const node of this.#known.keys()) if (!named.has(node)) this.#known.delete(node);
		for (const [node, peer] of named) {
			const pinged = this.#self.roles.includes('dispatcher') || peer.roles.includes('dispatcher');
			const known = this.#known.get(node) ?? {
				incarnation: undefined,
				leaving: false,
				misses: 0,
				missesOfUs: 0,
				heardAt: now,
				pinging: false,
				toldView: undefined,
				view: undefined,
			};
			this.#known.set(node, { ...known, peer, pinged });
		}
		this.#nextRoundAt = now;
		this.#update(now);
	}

	peer(node: string): Peer | undefined {
		return this.#known.get(node)?.peer;
	}

	peers(): Peer[] {
		return [...this.#known.values()].map(({ peer }) => peer);
	}

	standing(node: string): Standing | undefined {
		const known = this.#known.get(node);
		return known && standingOf(known);
	}

	incarnation(node: string): number | undefined {
		return this.#known.get(node)?.incarnation;
	}

	/** How many of our pings in a row a node did not answer. */
	missed(node: string): number {
		return this.#known.get(node)?.misses ?? 0;
	}

	/** A node said something. */
	heard({ node, incarnation }: Word, now: number): Verdict {
		if (node === this.#self.node) return incarnation === this.#self.incarnation ? 'heard' : 'double';
		const known = this.#known.get(node);
		if (known === undefined) return 'foreign';
		if (known.incarnation !== undefined && incarnation < known.incarnation) {
			// A clock that was set back starts a lower life; it counts once the higher one has gone silent.
			if (now - known.heardAt < MISSES_OUT * PING_MS) return 'stale';
		}
		known.heardAt = now;
		if (known.incarnation !== incarnation) {
			known.incarnation = incarnation;
			known.leaving = false;
			known.misses = 0;
			known.missesOfUs = 0;
			this.#update(now);
		}
		return 'heard';
	}

	/** A node pinged us. */
	pinged({ node, view }: Word, leaving: boolean, now: number): void {
		const known = this.#known.get(node);
		if (known === undefined) return;
		known.view = view;
		known.leaving = leaving;
		this.#update(now);
	}

	/** A node answered a ping. */
	answered(answer: PingAnswer, now: number): void {
		const known = this.#known.get(answer.node);
		if (known === undefined) return;
		known.pinging = false;
		known.misses = 0;
		known.missesOfUs = answer.missed;
		known.leaving = answer.leaving;
		known.view = answer.view;
		this.#update(now);
	}

	/** A node did not answer a ping. */
	unanswered(node: string, now: number): void {
		const known = this.#known.get(node);
		if (known === undefined) return;
		known.pinging = false;
		known.misses++;
		this.#update(now);
	}

	/** Whether a node goes by a view that it introduced with a ping, or by ours. Another one is made up, or not yet true. */
	isIntroduced(node: string, view: string): boolean {
		return view === this.#view.ring.view || view === this.#known.get(node)?.view;
	}

	/** This node is about to stop: the others should do without it. Its next pings say so, and are due now. */
	leave(now: number): void {
		this.#leaving = true;
		this.#nextRoundAt = now;
		this.#update(now);
	}

	/** When the next pings are due: each second, and at once for those who do not know our view. */
	get dueAt(): number {
		for (const known of this.#known.values()) if (this.#isUninformed(known)) return Number.NEGATIVE_INFINITY;
		return this.#nextRoundAt;
	}

	/** The nodes to ping now; each must be `answered` or `unanswered`. */
	takePings(now: number): string[] {
		const isRound = now >= this.#nextRoundAt;
		if (isRound) {
			this.#nextRoundAt = now + PING_MS;
			this.#update(now);
		}
		const nodes: string[] = [];
		for (const known of this.#known.values()) {
			if (!known.pinged || known.pinging || !(isRound || this.#isUninformed(known))) continue;
			known.pinging = true;
			known.toldView = this.#view.ring.view;
			nodes.push(known.peer.node);
		}
		return nodes;
	}

	#isUninformed({ pinged, pinging, toldView }: Acquaintance): boolean {
		return pinged && !pinging && toldView !== this.#view.ring.view;
	}

	/** Whether neither side hears the other any more. */
	#isGone({ misses, heardAt }: Acquaintance, now: number): boolean {
		return misses >= MISSES_OUT && now - heardAt >= MISSES_OUT * PING_MS;
	}

	/** The ring of these members: as long as they stay the same, the same. */
	#ringOf(members: readonly RingMember[]): Ring {
		const sorted = [...members].sort((a, b) => (a.node < b.node ? -1 : 1));
		const { ring } = this.#view;
		return same(ring.members, sorted) ? ring : new Ring(sorted);
	}

	#update(now: number): void {
		this.#updateRing(now);
		const next = this.#makeView(now);
		if (!sameView(this.#view, next)) this.#view = next;
	}

	#updateRing(now: number): void {
		if (this.#leaving) this.#onRing.delete(this.#self.node);
		for (const node of this.#onRing.keys()) {
			if (node !== this.#self.node && !this.#known.has(node)) this.#onRing.delete(node);
		}
		const lost: string[] = [];
		for (const [node, known] of this.#known) {
			if (!known.peer.roles.includes('dispatcher') || known.incarnation === undefined) continue;
			const standing = standingOf(known);
			if (standing === 'leaving') this.#onRing.delete(node);
			else if (standing === 'out') lost.push(node);
			else if (this.#onRing.has(node) || standing === 'alive') this.#onRing.set(node, known.incarnation);
		}
		this.#remove(
			lost.filter((node) => this.#onRing.has(node)),
			now,
		);
	}

	/** Pings alone never take more than a third of the ring at once: it may be this node that hears nobody. */
	#remove(lost: readonly string[], now: number): void {
		if (lost.length === 0 || now < this.#removalAt) return;
		const most = Math.max(1, Math.floor(this.#onRing.size / 3));
		for (const node of lost.slice(0, most)) this.#onRing.delete(node);
		this.#removalAt = now + REMOVAL_PAUSE_MS;
	}

	#makeView(now: number): View {
		const members: RingMember[] = [...this.#onRing].map(([node, incarnation]) => ({ node, incarnation }));
		const nodes = [...this.#known.values()];
		const frontends = nodes
			.filter((known) => known.peer.roles.includes('frontend') && !this.#isGone(known, now))
			.map(({ peer }) => peer.node);
		const likes = nodes
			.filter(({ peer }) => peer.roles.includes('likes'))
			.sort((a, b) => ORDER[standingOf(a)] - ORDER[standingOf(b)])
			.map(({ peer }) => peer.node);
		const { node, roles, incarnation } = this.#self;
		return {
			ring: this.#ringOf(members),
			frontends: new Set(roles.includes('frontend') ? [node, ...frontends] : frontends),
			likes: roles.includes('likes') ? [node, ...likes] : likes,
			incarnations: new Map([
				[node, incarnation],
				...nodes.flatMap((known) =>
					known.incarnation === undefined ? [] : [[known.peer.node, known.incarnation] as const],
				),
			]),
		};
	}
}

/** Whether both say the same. */
function same(a: Iterable<unknown>, b: Iterable<unknown>): boolean {
	return JSON.stringify([...a]) === JSON.stringify([...b]);
}

const ORDER: Readonly<Record<Standing, number>> = { alive: 0, unknown: 1, suspect: 2, out: 3, leaving: 4 };

function standingOf({ leaving, misses, missesOfUs, incarnation }: Acquaintance): Standing {
	if (leaving) return 'leaving';
	const worst = Math.max(misses, missesOfUs);
	if (worst >= MISSES_OUT) return 'out';
	if (worst > 0) return 'suspect';
	return incarnation === undefined ? 'unknown' : 'alive';
}

function sameView(a: View, b: View): boolean {
	return (
		a.ring === b.ring &&
		same(a.frontends, b.frontends) &&
		same(a.likes, b.likes) &&
		same(a.incarnations, b.incarnations)
	);
}
