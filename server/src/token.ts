import { isId } from '@likewire/protocol';
import { SignJWT } from 'jose';
import { invalidOption, LikewireServerError } from './errors.ts';

/** A right of a token. A token without a list of rights has all of them except `moderate`. */
export type Right = 'watch' | 'like' | 'comment' | 'signal' | 'moderate';

const RIGHTS: readonly string[] = ['watch', 'like', 'comment', 'signal', 'moderate'] satisfies Right[];

/** The shortest and the longest life of a token, in milliseconds: a second, and 24 hours. */
const [MIN_LIFE_MS, MAX_LIFE_MS] = [1_000, 24 * 60 * 60_000];

/** The user and the rights of a token. */
export interface TokenOptions {
	/** The user: 1 to 128 characters of `A-Z a-z 0-9 _ - . ~ :`. */
	readonly user: string;
	/** The allowed videos. Default: all. */
	readonly videos?: readonly string[] | undefined;
	/** The allowed custom topics. Default: all. */
	readonly topics?: readonly string[] | undefined;
	/** The allowed conversations. Default: none. */
	readonly conversations?: readonly string[] | undefined;
	/** The other users whose presence it allows to read. Default: none. */
	readonly presence?: readonly string[] | undefined;
	/** The rights. Default: all except `moderate`. */
	readonly can?: readonly Right[] | undefined;
	/**
	 * The time until it expires, in milliseconds, from 1,000 to 86,400,000. Browsers send tokens in the address of a stream: use
	 * short times, and let the SDK fetch the next token. Default 600,000 (10 minutes).
	 */
	readonly expiresInMs?: number | undefined;
}

function checkIds(name: string, ids: unknown): void {
	if (ids === undefined) return;
	const wrong = Array.isArray(ids) ? ids.find((id) => typeof id !== 'string' || !isId(id)) : ids;
	if (Array.isArray(ids) && wrong === undefined && !ids.includes(undefined)) return;
	throw invalidOption(
		`${name}: ${JSON.stringify(wrong)} is not an id: an id has 1 to 128 characters of A-Z a-z 0-9 _ - . ~ :`,
	);
}

/** Signs a JWT for the gateway: https://www.rfc-editor.org/rfc/rfc7519. Rejects with a {@link LikewireServerError}. */
export async function signToken(secret: string, options: TokenOptions): Promise<string> {
	const { user, videos, topics, conversations, presence, can, expiresInMs = 600_000 } = options;
	if (typeof user !== 'string' || !isId(user)) {
		throw new LikewireServerError(
			'invalid_user_id',
			`${JSON.stringify(user)} is not an id of a user: an id has 1 to 128 characters of A-Z a-z 0-9 _ - . ~ :`,
		);
	}
	for (const [name, ids] of Object.entries({ videos, topics, conversations, presence })) checkIds(name, ids);
	if (can !== undefined && !(Array.isArray(can) && can.every((right) => RIGHTS.includes(right)))) {
		throw invalidOption(`can: must be a list of ${RIGHTS.join(', ')}.`);
	}
	if (!(expiresInMs >= MIN_LIFE_MS && expiresInMs <= MAX_LIFE_MS)) {
		throw invalidOption(`expiresInMs: must be from ${MIN_LIFE_MS} to ${MAX_LIFE_MS}.`);
	}
	// JSON leaves out undefined claims.
	return new SignJWT({ videos, topics, conversations, presence, can })
		.setProtectedHeader({ alg: 'HS256' })
		.setSubject(user)
		.setIssuedAt()
		.setExpirationTime(Math.ceil((Date.now() + expiresInMs) / 1_000))
		.sign(new TextEncoder().encode(secret));
}
