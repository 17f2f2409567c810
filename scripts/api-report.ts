import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

/** One entry of a package, such as `@likewire/sdk/react`. */
export interface Entry {
	/** The name in an import. */
	readonly name: string;
	/** The file of its built types. */
	readonly types: string;
	/** The file name of its report. */
	readonly report: string;
}

/** Returns the types for ES modules. React Native and CommonJS have the same types in other files. */
function typesOf(target: unknown): string | undefined {
	const { import: conditions } = target as { readonly import?: { readonly types?: string } };
	return conditions?.types;
}

/** Returns the entries with types in the `exports` of the package in a folder. */
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

/** Returns the file of an import or export, if it is a file of the package that several entries share; undefined otherwise. */
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
 * Returns the declarations of an entry without docstrings and in alphabetical order, so that only a change of the surface changes
 * the report. Each entry includes the declarations that it shares with others.
 */
export function reportOf(file: string, entries: ReadonlySet<string>, seen = new Set<string>()): string {
	seen.add(file);
	const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
	const declared = source.statements.flatMap((statement) => {
		const text = printer.printNode(ts.EmitHint.Unspecified, statement, source);
		const shared = sharedFile(statement, file, entries);
		if (shared === undefined) return [text];
		// The name of the file changes with its content.
		const named = text.replace(/ from .*$/, ';');
		return seen.has(shared) ? [named] : [named, reportOf(shared, entries, seen).trimEnd()];
	});
	return `${declared.sort().join('\n')}\n`.replace(/\n+$/, '\n');
}
