import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

/** One entry of a package, such as `@likewire/sdk/react`. */
export interface Entry {
	/** As users import it. */
	readonly name: string;
	/** Its types, as they are built. */
	readonly types: string;
	/** The name of the file of its report. */
	readonly report: string;
}

/** What ES modules import: an entry for React Native or CommonJS has the same types in another file. */
function typesOf(target: unknown): string | undefined {
	const { import: conditions } = target as { readonly import?: { readonly types?: string } };
	return conditions?.types;
}

/** The entries of the package in a folder, by its `exports`, those alone that have types. */
export function entriesOf(folder: string): Entry[] {
	const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
		name: string;
		exports: Record<string, unknown>;
	};
	return Object.entries(manifest.exports).flatMap(([path, target]) => {
		const types = typesOf(target);
		if (types === undefined) return [];
		const name = join(manifest.name, path);
		return [{ name, types: join(folder, types), report: `${name.replace(/^@[^/]*\//, '').replaceAll('/', '-')}.d.ts` }];
	});
}

const printer = ts.createPrinter({ removeComments: true });

/** The file that a statement imports or exports from, if it is one of the same package and no entry: several entries share it. */
export function sharedFile(statement: ts.Statement, file: string, entries: ReadonlySet<string>): string | undefined {
	if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) return undefined;
	const { moduleSpecifier } = statement;
	if (moduleSpecifier === undefined || !ts.isStringLiteral(moduleSpecifier)) return undefined;
	const { text } = moduleSpecifier;
	if (!text.startsWith('.')) return undefined;
	const path = join(dirname(file), text.replace(/\.js$/, '.d.ts'));
	return entries.has(path) || !existsSync(path) ? undefined : path;
}

/**
 * What an entry declares, without its docstrings and in alphabetical order, so that nothing but a change of the surface
 * changes it. What several entries share is in the report of each.
 */
export function reportOf(file: string, entries: ReadonlySet<string>, seen = new Set<string>()): string {
	seen.add(file);
	const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
	const declared = source.statements.flatMap((statement) => {
		const text = printer.printNode(ts.EmitHint.Unspecified, statement, source);
		const shared = sharedFile(statement, file, entries);
		if (shared === undefined) return [text];
		// The names of the file change with what it holds.
		const named = text.replace(/ from .*$/, ';');
		return seen.has(shared) ? [named] : [named, reportOf(shared, entries, seen).trimEnd()];
	});
	return `${declared.sort().join('\n')}\n`.replace(/\n+$/, '\n');
}
