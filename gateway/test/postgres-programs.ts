import { accessSync, constants, readdirSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/** Debian's directory of the programs, by release. */
const DEBIAN_PLACE = '/usr/lib/postgresql';

/** Returns the directory of PostgreSQL's programs; undefined if it is not installed. */
export function findPostgres(): string | undefined {
	const debian = readDirectory(DEBIAN_PLACE)
		.sort((a, b) => Number(b) - Number(a))
		.map((version) => join(DEBIAN_PLACE, version, 'bin'));
	const place = [...(process.env.PATH ?? '').split(delimiter), ...debian].find((place) => {
		try {
			accessSync(join(place, 'initdb'), constants.X_OK);
			accessSync(join(place, 'postgres'), constants.X_OK);
			return true;
		} catch {
			return false;
		}
	});
	// The path may be a link to one program; the others are next to its target.
	return place === undefined ? undefined : dirname(realpathSync(join(place, 'postgres')));
}

function readDirectory(path: string): string[] {
	try {
		return readdirSync(path);
	} catch {
		return [];
	}
}
