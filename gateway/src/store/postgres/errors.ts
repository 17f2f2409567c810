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

/** Codes of errors that no retry resolves. */
const NEEDS_OPERATOR: readonly string[] = [CODES.wrongPassword, CODES.refusedUser, CODES.noDatabase, CODES.noPrivilege];

/** Codes of untrusted certificates, https://nodejs.org/api/tls.html#x509-certificate-error-codes. */
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

/** Returns whether the settings in the address of the database do not trust the server's certificate. */
function isUntrusted(error: unknown): boolean {
	return error instanceof Error && 'code' in error && UNTRUSTED.includes(String(error.code));
}

/** Returns the SQLSTATE of an error of the server; undefined for other errors. */
function codeOf(error: unknown): string | undefined {
	return error instanceof DatabaseError ? error.code : undefined;
}

/** Returns whether the operator has to change a setting or the database, because no retry helps. */
export function needsOperator(error: unknown): boolean {
	if (error instanceof WrongDatabaseError) return true;
	if (isUntrusted(error)) return true;
	// The client has no codes for these: the address has no password and the server requires one, or the server has no TLS
	// and the address requires it.
	if (error instanceof Error && /^SASL:|^The server does not support SSL/.test(error.message)) return true;
	return NEEDS_OPERATOR.includes(codeOf(error) ?? '');
}

/** Returns whether the server rolled the transaction back in favour of another: a retry is safe at once. */
export function isRolledBack(error: unknown): boolean {
	const code = codeOf(error);
	return code === CODES.deadlock || code === CODES.notSerializable;
}

/**
 * Returns whether the server works, but refuses a value.
 *
 * These are data exceptions, violated constraints, and statements beyond its limits. The next statement may succeed.
 */
export function isRefusal(error: unknown): boolean {
	return /^(22|23|54)/.test(codeOf(error) ?? '');
}

/** Returns whether the connection or its server is unusable. The last statement may have taken effect. */
export function isBroken(error: unknown): boolean {
	const code = codeOf(error);
	if (code === undefined) return !(error instanceof WrongDatabaseError);
	return code.startsWith('08') || code.startsWith('57P') || code === CODES.noConnectionLeft;
}

/** Returns the reason of an error in a sentence for operators, without a password. */
export function reasonOf(error: unknown): string {
	const message = messageOf(error);
	switch (codeOf(error)) {
		case CODES.wrongPassword:
		case CODES.refusedUser:
			return `the database refuses the user or the password: ${message}`;
		case CODES.noPrivilege:
			return `the database denies its user a permission: ${message}`;
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
				: `the database failed a statement: ${message}`;
	}
}
