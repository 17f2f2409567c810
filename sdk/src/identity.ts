import { isId, uuid } from '@likewire/protocol';
import type { CheckedOptions } from './options.ts';
import { createTokenSource } from './token-source.ts';

const STORAGE_KEY = 'likewire-user';

/**
 * What proves to a gateway which user asks.
 * It is part of the query of a stream, since an EventSource sends no headers.
 */
export interface Credentials {
	readonly token?: string;
	/** Set only without a token. */
	readonly user?: string;
}

/** The user of a client. */
export interface Identity {
	/** Whether a token names the user, whose presence others may see. */
	readonly isSignedIn: boolean;
	/** Whether the next request may have another token, so that a refusal is no reason to give up. */
	readonly renews: boolean;
	/** Returns the credentials of the next request. Rejects with `token_failed`. */
	credentials(): Promise<Credentials>;
	/** Records that the gateway refused these. */
	refused(credentials: Credentials): void;
	/** Called with the credentials of each token that the source fetches: its rights may be new. */
	onToken?: (credentials: Credentials) => void;
}

/** For pages without storage: all clients of one page are one user. */
let rememberedUser: string | undefined;

function randomUser(): string {
	if (rememberedUser !== undefined) return rememberedUser;
	rememberedUser = uuid();
	try {
		const stored = localStorage.getItem(STORAGE_KEY);
		if (stored !== null && isId(stored)) rememberedUser = stored;
		else localStorage.setItem(STORAGE_KEY, rememberedUser);
	} catch {
		// No storage (Node), or a frame of another site or a full disk forbids it: memory takes its place.
	}
	return rememberedUser;
}

/** Creates the identity that the options ask for. */
export function createIdentity({ token, user = randomUser() }: Pick<CheckedOptions, 'token' | 'user'>): Identity {
	const source =
		typeof token === 'function' ? createTokenSource(token, (token) => identity.onToken?.({ token })) : undefined;
	const fixed: Credentials = token === undefined ? { user } : { token: token as string };
	const identity: Identity = {
		isSignedIn: token !== undefined,
		renews: source !== undefined,
		credentials: async () => (source === undefined ? fixed : { token: await source.get() }),
		refused: ({ token }) => source?.refused(token),
	};
	return identity;
}
