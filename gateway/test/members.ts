import { Membership, type PeerIdentity, type PingAnswer } from '../src/cluster/membership/membership.ts';
import { type Peer, ROLES, type Role } from '../src/cluster/membership/peer.ts';

/** A node whose name begins with its role: `frontend-1`; any other has all roles. */
export function peerOf(node: string): Peer {
	const role = ROLES.find((name) => node.startsWith(name));
	return { node, roles: role === undefined ? ROLES : [role satisfies Role], url: `http://${node}:1` };
}

/** The memberships of nodes that all know of each other, and the pings between them. */
export class Members {
	/** Pairs `from>to` that do not reach each other that way. */
	readonly cut = new Set<string>();
	now = 0;
	readonly #names: readonly string[];
	readonly #lives = new Map<string, { readonly incarnation: number; readonly membership: Membership }>();

	constructor(...names: readonly string[]) {
		this.#names = names;
		for (const name of names) this.start(name, 1);
	}

	/** Begins a life of a node, of which the others hear with its first ping, or theirs. */
	start(name: string, incarnation: number): void {
		const membership = new Membership({ ...peerOf(name), incarnation });
		membership.name(this.#names.map(peerOf), this.now);
		this.#lives.set(name, { incarnation, membership });
	}

	/** It runs no more. */
	stop(name: string): void {
		this.#lives.delete(name);
	}

	of(name: string): Membership {
		const life = this.#lives.get(name);
		if (life === undefined) throw new Error(`${name} does not run`);
		return life.membership;
	}

	word(name: string): PeerIdentity {
		const { incarnation, membership } = this.#lives.get(name) as { incarnation: number; membership: Membership };
		return { node: name, incarnation, view: membership.view.ring.view };
	}

	/** The dispatchers on the ring of a node. */
	ring(name: string): string[] {
		return this.of(name).view.ring.members.map(({ node }) => node);
	}

	/** All pings that are due, and their answers; says which, as `from>to`. */
	ping(): string[] {
		const pings: string[] = [];
		for (const from of [...this.#lives.keys()]) {
			for (const to of this.of(from).takePings(this.now)) {
				pings.push(`${from}>${to}`);
				const answer = this.#exchange(from, to);
				if (answer === undefined) this.of(from).unanswered(to, this.now);
				else this.of(from).answered(answer, this.now);
			}
		}
		return pings;
	}

	/** Lets so much time pass, a second at a time, with all the pings in it. */
	pass(ms: number): void {
		for (const end = this.now + ms; this.now < end; this.now += 1_000) this.settle();
		this.settle();
	}

	/** Pings until nobody has to tell anybody of a new view. */
	settle(): void {
		while (this.ping().length > 0);
	}

	#exchange(from: string, to: string): PingAnswer | undefined {
		if (!this.#lives.has(to) || this.cut.has(`${from}>${to}`)) return undefined;
		const [asking, asked] = [this.of(from), this.of(to)];
		if (asked.heard(this.word(from), this.now) !== 'heard') return undefined;
		asked.pinged(this.word(from), asking.leaving, this.now);
		const answer = { ...this.word(to), ...asked.ack(from, this.now) };
		return asking.heard(answer, this.now, true) === 'heard' ? answer : undefined;
	}
}
