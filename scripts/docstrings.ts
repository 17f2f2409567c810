import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { sharedFile } from './api-report.ts';

/** A declaration or a member without a docstring, as `Client.video (dist/index.d.ts:12)`. */
type Missing = string;

/** Returns whether a node has a docstring with text. Tags alone, such as `@internal`, do not count. */
function isDescribed(node: ts.Node): boolean {
	return ts
		.getJSDocCommentsAndTags(node)
		.some((doc) => ts.isJSDoc(doc) && (ts.getTextOfJSDocComment(doc.comment) ?? '').trim() !== '');
}

/** Returns whether users of a class see a member. */
const isPublic = (member: ts.ClassElement): boolean =>
	(ts.getCombinedModifierFlags(member) & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)) === 0 &&
	!(member.name && ts.isPrivateIdentifier(member.name));

/** Returns the members of the literals in a type: `{…}`, `A & {…}`, `Readonly<{…}>`, without the members of members. */
function literalMembers(type: ts.Node | undefined): readonly ts.TypeElement[] {
	if (type === undefined) return [];
	if (ts.isTypeLiteralNode(type)) return type.members;
	if (ts.isTypeReferenceNode(type)) return (type.typeArguments ?? []).flatMap(literalMembers);
	if (ts.isUnionTypeNode(type) || ts.isIntersectionTypeNode(type)) return type.types.flatMap(literalMembers);
	if (ts.isParenthesizedTypeNode(type) || ts.isTypeOperatorNode(type)) return literalMembers(type.type);
	return [];
}

/** A declaration: its name, the node with its docstring, and its members. */
interface Declared {
	readonly name: string;
	readonly node: ts.Node;
	readonly members: readonly (ts.ClassElement | ts.TypeElement)[];
}

function declaredBy(statement: ts.Statement): Declared[] {
	if (ts.isInterfaceDeclaration(statement)) {
		return [{ name: statement.name.text, node: statement, members: statement.members }];
	}
	if (ts.isClassDeclaration(statement)) {
		const members = statement.members.filter(isPublic);
		return [{ name: statement.name?.text ?? 'default', node: statement, members }];
	}
	if (ts.isTypeAliasDeclaration(statement)) {
		return [{ name: statement.name.text, node: statement, members: literalMembers(statement.type) }];
	}
	if (ts.isFunctionDeclaration(statement)) {
		return [{ name: statement.name?.text ?? 'default', node: statement, members: [] }];
	}
	if (ts.isVariableStatement(statement)) {
		return statement.declarationList.declarations.map(({ name, type }) => ({
			...{ name: name.getText(), node: statement, members: literalMembers(type) },
		}));
	}
	return [];
}

/** Returns whether a member of a union is `name?: undefined`, which only marks it as absent. */
const isAbsent = (member: ts.Node): boolean =>
	ts.isPropertySignature(member) && member.type?.kind === ts.SyntaxKind.UndefinedKeyword;

/**
 * Returns the declarations of an entry, exported or not, and their public members, that have no docstring. Shared files are
 * checked once for each `seen`.
 */
export function undocumentedIn(file: string, entries: ReadonlySet<string>, seen = new Set<string>()): Missing[] {
	seen.add(file);
	const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
	const at = (node: ts.Node) => `${file}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
	return source.statements.flatMap((statement) => {
		const shared = sharedFile(statement, file, entries);
		if (shared !== undefined) return seen.has(shared) ? [] : undocumentedIn(shared, entries, seen);
		return declaredBy(statement).flatMap(({ name, node, members }) => [
			...(isDescribed(node) ? [] : [`${name} (${at(node)})`]),
			...members
				.filter((member) => !isDescribed(member) && !isAbsent(member))
				.map((member) => `${name}.${member.name?.getText() ?? 'constructor'} (${at(member)})`),
		]);
	});
}
