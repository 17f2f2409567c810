import { Membership, type PeerIdentity, type PingAnswer } from '../src/cluster/membership/membership.ts';
import { type Peer, ROLES, type Role } from '../src/cluster/membership/peer.ts';

/** Returns a node with the role that its name begins with, as `frontend-1`; other nodes have all roles. */
export function peerOf(node: string): Peer {
	const role = ROLES.find((name) => node.startsWith(name));
	return { node, roles: role === undefined ? ROLES : [role satisfies Role], url: `http://${node}:1` };
}

/** The memberships of nodes that all know each other, and the pings between them. */
export class Members {
	/** The cut directions, as `from>to`. */
	readonly cut = new Set<string>();
	now = 0;
	readonly #names: readonly string[];
	readonly #running = new Map<string, { readonly incarnation: number; readonly membership: Membership }>();

	constructor(...names: readonly string[]) {
		this.#names = names;
		for (const name of names) this.start(name, 1);
	}

	/** Starts an incarnation of a node. The others learn of it with its first ping or theirs. */
	start(name: string, incarnation: number): void {
		const membership = new Membership({ ...peerOf(name), incarnation });
		membership.name(this.#names.map(peerOf), this.now);
		this.#running.set(name, { incarnation, membership });
	}

	/** Stops a node. */
	stop(name: string): void {
		this.#running.delete(name);
	}

	of(name: string): Membership {
		const node = this.#running.get(name);
		if (node === undefined) throw new Error(`${name} does not run`);
		return node.membership;
	}

	identity(name: string): PeerIdentity {
		const { incarnation, membership } = this.#running.get(name) as { incarnation: number; membership: Membership };
		return { node: name, incarnation, view: membership.view.ring.view };
	}

	/** Returns the dispatchers on the ring of a node. */
	ring(name: string): string[] {
		return this.of(name).view.ring.members.map(({ node }) => node);
	}

	/** Exchanges all due pings and their answers. Returns the pings, as `from>to`. */
	ping(): string[] {
		const pings: string[] = [];
		for (const from of [...this.#running.keys()]) {
			for (const to of this.of(from).takePings(this.now)) {
				pings.push(`${from}>${to}`);
				const answer = this.#exchange(from, to);
				if (answer === undefined) this.of(from).unanswered(to, this.now);
				else this.of(from).answered(answer, this.now);
			}
		}
		return pings;
	}

	/** Advances the time in steps of a second, with all pings. */
	pass(ms: number): void {
		for (const end = this.now + ms; this.now < end; this.now += 1_000) this.settle();
		this.settle();
	}

	/** Exchanges pings until no node has a new view to send. */
	settle(): void {
		while (this.ping().length > 0);
	}

	#exchange(from: string, to: string): PingAnswer | undefined {
		if (!this.#running.has(to) || this.cut.has(`${from}>${to}`)) return undefined;
		const [asking, asked] = [this.of(from), this.of(to)];
		if (asked.received(this.identity(from), this.now) !== 'received') return undefined;
		asked.pinged(this.identity(from), asking.leaving, this.now);
		const answer = { ...this.identity(to), ...asked.ack(from, this.now) };
		return asking.received(answer, this.now, true) === 'received' ? answer : undefined;
	}
}

/** Returns nodes that know each other. */
export function settled(...names: string[]): Members {
	const members = new Members(...names);
	members.settle();
	return members;
}

/** Returns three dispatchers, a frontend and a Likes node that know each other. */
export const threeDispatchers = () => settled('dispatcher-1', 'dispatcher-2', 'dispatcher-3', 'frontend-1', 'likes-1');
