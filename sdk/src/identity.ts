import { isId, uuid } from '@likewire/protocol';
import type { CheckedOptions } from './options.ts';
import { createTokenSource } from './token-source.ts';

const STORAGE_KEY = 'likewire-user';

/** What proves to a gateway which user asks. */
export interface Credentials {
	/** For a request. */
	readonly headers: Readonly<Record<string, string>>;
	/** For a stream: EventSource sends no headers. */
	readonly query: Readonly<Record<string, string>>;
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
	if (token === undefined) {
		return createFixedIdentity(false, { headers: { 'X-Likewire-User': user }, query: { user } });
	}
	if (typeof token === 'string') return createFixedIdentity(true, withToken(token));
	const source = createTokenSource(token);
	return {
		isSignedIn: true,
		renews: true,
		credentials: async () => withToken(await source.get()),
		refused: ({ query }) => source.refused(query.token ?? ''),
	};
}

function createFixedIdentity(isSignedIn: boolean, credentials: Credentials): Identity {
	return { isSignedIn, renews: false, credentials: async () => credentials, refused() {} };
}

function withToken(token: string): Credentials {
	return { headers: { Authorization: `Bearer ${token}` }, query: { token } };
}
