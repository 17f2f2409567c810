import { accessSync, constants, readdirSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/** Where Debian keeps the programs, by release. */
const DEBIAN_PLACE = '/usr/lib/postgresql';

/** The directory of PostgreSQL's programs; undefined when it is not installed. */
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
	// Behind a link to one program are the others.
	return place === undefined ? undefined : dirname(realpathSync(join(place, 'postgres')));
}

function readDirectory(path: string): string[] {
	try {
		return readdirSync(path);
	} catch {
		return [];
	}
}
