import { uuid } from '@likewire/sdk';

/** Who watches here, and what they may. */
export interface Viewer {
	readonly user: string;
	/** Undefined at a gateway in development mode, which believes the name. */
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

/** A name that people can tell apart, and that two seldom have: the end of an id is random, its beginning the time. */
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
		// A frame of another site gets no storage: a new name each time.
		return makeName();
	}
}

interface Claims {
	readonly sub?: string;
	readonly conversations?: readonly string[];
	readonly presence?: readonly string[];
}

/** What a token says, unchecked: the gateway checks it, and this page only asks for what it would get. */
function claimsOf(token: string): Claims {
	try {
		const part = token.split('.')[1] ?? '';
		const bytes = Uint8Array.from(atob(part.replace(/-/g, '+').replace(/_/g, '/')), (char) => char.charCodeAt(0));
		return JSON.parse(new TextDecoder().decode(bytes)) as Claims;
	} catch {
		return {};
	}
}

/** The viewer of a token that stands behind the `#` of the address, where no server or log sees it; else one by name. */
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
