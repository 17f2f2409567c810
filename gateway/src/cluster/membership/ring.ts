import { spreadHash } from '../../state/hash.ts';
import { followedTopic } from '../../state/topics/topic.ts';

/** Places of a dispatcher: of ten, the largest share is at most a quarter above the mean. */
export const VIRTUAL_NODES = 256;

/** The index of an owner has 16 bits. */
const MAX_MEMBERS = 2 ** 16;

/** A dispatcher in one of its lives. */
export interface RingMember {
	readonly node: string;
	readonly incarnation: number;
}

/**
 * The owners of topics, by consistent hashing (Karger et al., "Consistent Hashing and Random Trees",
 * STOC 1997). Each dispatcher stands at {@link VIRTUAL_NODES} places of a circle of 32-bit hashes, and
 * owns the topics whose hashes lie before its places. Immutable; the same members result in the same
 * ring in every process.
 */
export class Ring {
	/** The dispatchers, ordered by their ids. */
	readonly members: readonly RingMember[];
	/** The name of this ring: 16 hexadecimal digits that hash the ids and incarnations of its dispatchers. */
	readonly view: string;
	readonly #hashes: Uint32Array;
	readonly #owners: Uint16Array;

	constructor(members: Iterable<RingMember>) {
		this.members = /* mutant: sorts-members */ [...members].sort((a, b) => (a.node < b.node ? -1 : 1));
		this.view = viewOf(this.members);
		// One number has the hash and the owner, since numbers sort faster than objects. Of two places with one hash, the place
		// of the lower id comes first.
		const places = new Float64Array(this.members.length * VIRTUAL_NODES);
		for (const [owner, { node }] of this.members.entries()) {
			for (let index = 0; index < VIRTUAL_NODES; index++) {
				places[owner * VIRTUAL_NODES + index] = spreadHash(`${node}#${index}`) * MAX_MEMBERS + owner;
			}
		}
		places.sort();
		this.#hashes = Uint32Array.from(places, (place) => Math.floor(place / MAX_MEMBERS));
		this.#owners = Uint16Array.from(places, (place) => place % MAX_MEMBERS);
	}

	/** Returns the owner of the topic whose followers receive a topic; undefined on an empty ring. */
	owner(topic: string): string | undefined {
		const hash = spreadHash(followedTopic(topic));
		let low = 0;
		let high = this.#hashes.length;
		while (low < high) {
			const middle = (low + high) >>> 1;
			if ((this.#hashes[middle] ?? 0) < hash) low = middle + 1;
			else high = middle;
		}
		const owner = this.#owners[/* mutant: closes-ring */ low === this.#hashes.length ? 0 : low];
		return owner === undefined ? undefined : this.members[owner]?.node;
	}

	has(node: string): boolean {
		return this.members.some((member) => member.node === node);
	}

	/** Returns the part of all hashes that each dispatcher owns, from 0 to 1. */
	shares(): Map<string, number> {
		const shares = new Map(this.members.map(({ node }) => [node, 0]));
		let from = (this.#hashes.at(-1) ?? 0) - 2 ** 32;
		for (const [index, hash] of this.#hashes.entries()) {
			const { node } = this.members[this.#owners[index] ?? 0] as RingMember;
			shares.set(node, (shares.get(node) ?? 0) + (hash - from) / 2 ** 32);
			from = hash;
		}
		return shares;
	}
}

function viewOf(members: readonly RingMember[]): string {
	const names = members.map(({ node, incarnation }) => `${node} ${incarnation}`).join('\n');
	const digits = (text: string) => spreadHash(text).toString(16).padStart(8, '0');
	return digits(names) + digits(`view\n${names}`);
}
