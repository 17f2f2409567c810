const BACKUP = 'pg_dump --format=custom --schema=likewire';
const RESTORE = 'pg_restore --clean --if-exists --no-owner --single-transaction';
const DATABASE = '--dbname "$LIKEWIRE_DATABASE_URL"';

/**
 * The errors of `likewire store` for a PostgreSQL store, which name PostgreSQL's commands.
 *
 * The restore runs in one transaction, so a failed one changes nothing, and `&&` keeps it from being marked as restored.
 */
export const postgresCommands = {
	'store backup': (file: string) =>
		`nothing was backed up: the store is in PostgreSQL, which has a command of its own: ${BACKUP} --file ${quote(file)} ${DATABASE}`,
	'store restore': (file: string) =>
		'nothing was restored: the store is in PostgreSQL, which has a command of its own; stop the Likes nodes, and run: ' +
		`${RESTORE} ${DATABASE} ${quote(file)} && likewire store restored`,
} as const;

/** Returns a word quoted for a shell. */
function quote(word: string): string {
	return /^[\w./:@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
