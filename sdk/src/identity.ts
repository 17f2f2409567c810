import { isId } from '@likewire/protocol';
import { LikewireError } from './errors.ts';
import type { CheckedOptions } from './options.ts';
import { uuid } from './uuid.ts';

const STORAGE_KEY = 'likewire-user';

/** Says who asks. */
export interface Identity {
	/** Each request may have another token, so one that was refused is no reason to give up. */
	readonly renews: boolean;
	/** For a request. Rejects with `token_failed`. */
	headers(): Promise<Record<string, string>>;
	/** For a stream: EventSource sends no headers. Rejects with `token_failed`. */
	query(): Promise<Record<string, string>>;
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

async function fetchToken(token: string | (() => Promise<string>)): Promise<string> {
	if (typeof token === 'string') return token;
	let answer: unknown;
	try {
		answer = await token();
	} catch (cause) {
		throw new LikewireError('token_failed', 'The token function threw.', { retryable: true, cause });
	}
	if (typeof answer === 'string' && answer !== '') return answer;
	throw new LikewireError('token_failed', 'The token function gave no text.', { retryable: true });
}

/** The identity that the options ask for. */
export function createIdentity({ token, user = randomUser() }: Pick<CheckedOptions, 'token' | 'user'>): Identity {
	if (token === undefined) {
		return {
			renews: false,
			headers: async () => ({ 'X-Likewire-User': user }),
			query: async () => ({ user }),
		};
	}
	return {
		renews: typeof token === 'function',
		headers: async () => ({ Authorization: `Bearer ${await fetchToken(token)}` }),
		query: async () => ({ token: await fetchToken(token) }),
	};
}
