import { uuid } from '@likewire/sdk';

/** The viewer of this page, and the rights of the viewer. */
export interface Viewer {
	readonly user: string;
	/** Undefined at a gateway in development mode, which trusts the name. */
	readonly token: string | undefined;
	mayJoin(conversation: string): boolean;
	maySee(user: string): boolean;
}

const STORAGE_KEY = 'likewire-demo-user';
const COLOURS = ['amber', 'azure', 'coral', 'ivory', 'jade', 'lilac', 'mint', 'navy', 'ruby', 'sand', 'teal', 'violet'];
const ANIMALS = [
	'badger',
	'crane',
	'dingo',
	'finch',
	'gecko',
	'heron',
	'ibex',
	'koala',
	'lynx',
	'otter',
	'panda',
	'wren',
];

function pick<Item>(items: readonly Item[]): Item {
	return items[Math.floor(Math.random() * items.length)] as Item;
}

/** Makes a readable name that is rarely equal to another: the end of a UUID is random, and its start is the time. */
function makeName(): string {
	return `${pick(COLOURS)}-${pick(ANIMALS)}-${uuid().slice(-4)}`;
}

function ownName(): string {
	try {
		const stored = localStorage.getItem(STORAGE_KEY);
		if (stored !== null && /^[a-z0-9-]{1,64}$/.test(stored)) return stored;
		const made = makeName();
		localStorage.setItem(STORAGE_KEY, made);
		return made;
	} catch {
		// A frame on another site has no storage, so it gets a new name each time.
		return makeName();
	}
}

interface Claims {
	readonly sub?: string;
	readonly conversations?: readonly string[];
	readonly presence?: readonly string[];
}

/** Reads the claims of a token without a check. The gateway checks it; this page only avoids requests that would be refused. */
function claimsOf(token: string): Claims {
	try {
		const part = token.split('.')[1] ?? '';
		const bytes = Uint8Array.from(atob(part.replace(/-/g, '+').replace(/_/g, '/')), (char) => char.charCodeAt(0));
		return JSON.parse(new TextDecoder().decode(bytes)) as Claims;
	} catch {
		return {};
	}
}

/** Returns the viewer of the token in the fragment of the address, which no server or log sees; without a token, a named viewer. */
export function findViewer(hash: string): Viewer {
	const token = new URLSearchParams(hash.slice(1)).get('token') ?? undefined;
	if (token === undefined) return { user: ownName(), token, mayJoin: () => true, maySee: () => true };
	const { sub = '', conversations = [], presence = [] } = claimsOf(token);
	return {
		user: sub,
		token,
		mayJoin: (conversation) => conversations.includes(conversation),
		maySee: (user) => user === sub || presence.includes(user),
	};
}
