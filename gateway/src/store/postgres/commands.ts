const BACKUP = 'pg_dump --format=custom --schema=likewire';
const RESTORE = 'pg_restore --clean --if-exists --no-owner --single-transaction';
const DATABASE = '--dbname "$LIKEWIRE_DATABASE_URL"';

/**
 * Names the commands that back up and restore a PostgreSQL store: PostgreSQL's own. In one transaction a restore that fails
 * changes nothing, and behind `&&` nothing says that it worked.
 */
export const postgresCommands = {
	'store backup': (file: string) =>
		`nothing was backed up: the store is in PostgreSQL, which has a command of its own: ${BACKUP} --file ${quote(file)} ${DATABASE}`,
	'store restore': (file: string) =>
		'nothing was restored: the store is in PostgreSQL, which has a command of its own; stop the Likes nodes, and run: ' +
		`${RESTORE} ${DATABASE} ${quote(file)} && likewire store restored`,
} as const;

/** A word of a shell's command line. */
function quote(word: string): string {
	return /^[\w./:@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
