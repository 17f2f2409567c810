import { DatabaseError } from 'pg';
import { messageOf } from '../../runtime/errors.ts';
import { WrongDatabaseError } from '../wrong-database.ts';

/** SQLSTATE codes, https://www.postgresql.org/docs/current/errcodes-appendix.html. */
const CODES = {
	wrongPassword: '28P01',
	refusedUser: '28000',
	noDatabase: '3D000',
	noPrivilege: '42501',
	noConnectionLeft: '53300',
	readOnly: '25006',
	cancelled: '57014',
	deadlock: '40P01',
	notSerializable: '40001',
} as const;

/** Codes after which trying again in the same way cannot help. */
const NEEDS_SOMEBODY: readonly string[] = [CODES.wrongPassword, CODES.refusedUser, CODES.noDatabase, CODES.noPrivilege];

/** Why a certificate is not trusted, https://nodejs.org/api/tls.html#x509-certificate-error-codes. */
const UNTRUSTED: readonly string[] = [
	'SELF_SIGNED_CERT_IN_CHAIN',
	'DEPTH_ZERO_SELF_SIGNED_CERT',
	'UNABLE_TO_GET_ISSUER_CERT',
	'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
	'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
	'CERT_SIGNATURE_FAILURE',
	'CERT_UNTRUSTED',
	'CERT_REJECTED',
	'CERT_NOT_YET_VALID',
	'CERT_HAS_EXPIRED',
	'INVALID_CA',
	'INVALID_PURPOSE',
	'ERR_TLS_CERT_ALTNAME_INVALID',
];

/** The certificate of the server is not one that the address of the database trusts. */
function isUntrusted(error: unknown): boolean {
	return error instanceof Error && 'code' in error && UNTRUSTED.includes(String(error.code));
}

/** The code of what the server answered; undefined for what it did not say. */
function codeOf(error: unknown): string | undefined {
	return error instanceof DatabaseError ? error.code : undefined;
}

/** Somebody has to change a setting or the database; trying again does not help. */
export function needsUser(error: unknown): boolean {
	if (error instanceof WrongDatabaseError) return true;
	if (isUntrusted(error)) return true;
	// The client has no code for them: a password is asked for and there is none; TLS is, and the server has none.
	if (error instanceof Error && /^SASL:|^The server does not support SSL/.test(error.message)) return true;
	return NEEDS_SOMEBODY.includes(codeOf(error) ?? '');
}

/** The server undid the transaction for the sake of another; it can be sent again at once. */
export function lostToAnother(error: unknown): boolean {
	const code = codeOf(error);
	return code === CODES.deadlock || code === CODES.notSerializable;
}

/**
 * The server works and refuses a value: data exceptions, broken constraints, and statements beyond its limits. What is asked
 * next may be fine.
 */
export function isRefusal(error: unknown): boolean {
	return /^(22|23|54)/.test(codeOf(error) ?? '');
}

/** The connection, or the server behind it, cannot be used; what was asked last may have been done. */
export function isBroken(error: unknown): boolean {
	const code = codeOf(error);
	if (code === undefined) return !(error instanceof WrongDatabaseError);
	return code.startsWith('08') || code.startsWith('57P') || code === CODES.noConnectionLeft;
}

/** What is wrong, in a sentence for operators; there is no password in it. */
export function reasonOf(error: unknown): string {
	const message = messageOf(error);
	switch (codeOf(error)) {
		case CODES.wrongPassword:
		case CODES.refusedUser:
			return `the database refuses the user or the password: ${message}`;
		case CODES.noPrivilege:
			return `the user of the database may not do that: ${message}`;
		case CODES.noConnectionLeft:
			return `the database has no connection left: ${message}`;
		case CODES.readOnly:
			return `the database takes no writes now: ${message}`;
		case CODES.cancelled:
			return `the database took too long: ${message}`;
		case CODES.noDatabase:
			return message;
		default:
			if (error instanceof WrongDatabaseError) return message;
			if (isRefusal(error)) return `the database refuses a value: ${message}`;
			if (isUntrusted(error)) return `the certificate of the database is not trusted: ${message}`;
			return isBroken(error)
				? `the database cannot be reached: ${message}`
				: `the database could not do it: ${message}`;
	}
}
