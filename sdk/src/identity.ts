import { isId, uuid } from '@likewire/protocol';
import type { CheckedOptions } from './options.ts';
import { createTokenSource } from './token-source.ts';

const STORAGE_KEY = 'likewire-user';

/** What proves to a gateway which user asks: the query of a stream, since an EventSource sends no headers. */
export interface Credentials {
	readonly token?: string;
	/** Without a token. */
	readonly user?: string;
}

/** The user of a client. */
export interface Identity {
	/** A token says which user it is, whose presence others may see. */
	readonly isSignedIn: boolean;
	/** After a refusal the next request may have another token, so a refusal is no reason to give up. */
	readonly renews: boolean;
	/** Rejects with `token_failed`. */
	credentials(): Promise<Credentials>;
	/** The gateway refused these. */
	refused(credentials: Credentials): void;
	/** Called with the credentials of each token that is fetched: it may have other rights than the one before. */
	onToken?: (credentials: Credentials) => void;
}

/** For pages without storage: as long as the page lives, all its clients are one user. */
let rememberedUser: string | undefined;

function randomUser(): string {
	if (rememberedUser !== undefined) return rememberedUser;
	rememberedUser = uuid();
	try {
		const stored = localStorage.getItem(STORAGE_KEY);
		if (stored !== null && isId(stored)) rememberedUser = stored;
		else localStorage.setItem(STORAGE_KEY, rememberedUser);
	} catch {
		// No storage (Node), or none for us (a frame of another site, a full disk): the memory has to do.
	}
	return rememberedUser;
}

/** The identity that the options ask for. */
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
