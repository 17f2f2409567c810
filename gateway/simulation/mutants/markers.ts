import ts from 'typescript';
import type { Operator } from './operators.ts';

/**
 * A comment before the statement or expression that a switch changes: `// mutant: name`, `//
 * failpoint: name`.
 */
export interface Marker {
	readonly name: string;
	readonly endsAt: number;
}

/** A change of the code behind a marker, made while a condition holds. */
export interface Switch {
	/** The text of the comment: `mutant: name`. */
	readonly marker: string;
	/** The condition: an expression that is evaluated each time. */
	readonly condition: string;
	readonly operator: Operator;
}

const MARKER = /\/\/ ((?:mutant|failpoint): [a-z0-9-]+)$|\/\* ((?:mutant|failpoint): [a-z0-9-]+) \*\//gm;

/** Returns the markers in a source text. */
export function markersIn(source: string): Marker[] {
	return [...source.matchAll(MARKER)].map((match) => ({
		name: match[1] ?? match[2] ?? '',
		endsAt: match.index + match[0].length,
	}));
}

/** Returns a source text with switches compiled into it. Errors name `file`. */
export function compileSwitches(file: string, source: string, switches: readonly Switch[]): string {
	const tree = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true);
	const places = new Map<ts.Node, Switch[]>();
	for (const { name, endsAt } of markersIn(source)) {
		for (const one of switches) {
			if (one.marker !== name) continue;
			const node = partOf(nodeBehind(tree, endsAt, name), one);
			if (isEvaluatedOnce(node)) throw new Error(`${file}: the code behind '${name}' is evaluated once, as it loads`);
			places.set(node, [...(places.get(node) ?? []), one]);
		}
	}
	const write = (node: ts.Node): string => {
		const inner = writeInside(node);
		const here = places.get(node);
		return here === undefined ? inner : alternatives(node, inner, here);
	};
	const writeInside = (node: ts.Node): string => {
		let written = '';
		let at = node.getStart(tree);
		const nested: ts.Node[] = [];
		const collect = (child: ts.Node): void => {
			if (places.has(child)) nested.push(child);
			else ts.forEachChild(child, collect);
		};
		ts.forEachChild(node, collect);
		for (const child of nested.sort((a, b) => a.getStart(tree) - b.getStart(tree))) {
			written += source.slice(at, child.getStart(tree)) + write(child);
			at = child.getEnd();
		}
		return written + source.slice(at, node.getEnd());
	};
	return places.size === 0 ? source : source.slice(0, tree.getStart()) + write(tree);
}

function alternatives(node: ts.Node, text: string, switches: readonly Switch[]): string {
	if (switches[0]?.operator.of === 'expression') {
		const cases = switches.map(({ condition, operator }) => `${condition} ? (${operator.apply({ node, text })}) : `);
		return `(${cases.join('')}(${text}))`;
	}
	const cases = switches.map(
		({ condition, operator }) => `if (${condition}) { ${operator.apply({ node, text })} } else `,
	);
	return `{ ${cases.join('')}{ ${text} } }`;
}

type Marked = ts.Statement | ts.Expression | ts.PropertyAssignment | ts.PropertyDeclaration;

/** Returns the outermost statement, property or expression that begins behind a marker. */
function nodeBehind(tree: ts.SourceFile, endsAt: number, name: string): Marked {
	let start = Number.POSITIVE_INFINITY;
	let found: Marked | undefined;
	const visit = (node: ts.Node): void => {
		if (node.getEnd() <= endsAt) return;
		const at = node.getStart(tree);
		if (at >= endsAt && at < start) {
			start = at;
			found = isMarked(node) ? node : undefined;
		} else if (at === start && found === undefined && isMarked(node)) found = node;
		if (at < endsAt || (at === start && found === undefined)) ts.forEachChild(node, visit);
	};
	ts.forEachChild(tree, visit);
	if (found === undefined) throw new Error(`${tree.fileName}: '${name}' is before no statement and no expression`);
	return found;
}

function isMarked(node: ts.Node): node is Marked {
	if (ts.isPropertyAssignment(node) || ts.isPropertyDeclaration(node)) return true;
	return ts.isStatement(node) || (ts.isExpression(node) && !ts.isSpreadElement(node));
}

/** Returns the part of the marked code that an operator changes. */
function partOf(node: Marked, { marker, operator }: Switch): ts.Node {
	if (operator.of === 'statement') {
		if (ts.isStatement(node) && !ts.isVariableStatement(node)) return node;
		throw new Error(`'${marker}' marks no statement that may be left out`);
	}
	if (ts.isExpression(node)) return node;
	const part = expressionOf(node);
	if (part === undefined) throw new Error(`'${marker}' marks a statement without a condition and without a value`);
	return part;
}

function expressionOf(node: Marked): ts.Expression | undefined {
	if (ts.isIfStatement(node) || ts.isWhileStatement(node) || ts.isReturnStatement(node)) return node.expression;
	if (ts.isPropertyAssignment(node) || ts.isPropertyDeclaration(node)) return node.initializer;
	if (ts.isVariableStatement(node)) return node.declarationList.declarations[0]?.initializer;
	if (!ts.isExpressionStatement(node)) return undefined;
	const { expression } = node;
	const isAssignment = ts.isBinaryExpression(expression) && expression.operatorToken.kind === ts.SyntaxKind.EqualsToken;
	return isAssignment ? expression.right : expression;
}

/**
 * Returns whether code runs as its module loads: a switch there would be read before a mutant is
 * chosen.
 */
function isEvaluatedOnce(node: ts.Node): boolean {
	for (let at = node.parent; at !== undefined; at = at.parent) {
		if (ts.isFunctionLike(at)) return false;
		const isStatic =
			ts.isPropertyDeclaration(at) && at.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword);
		if (ts.isPropertyDeclaration(at) && !isStatic) return false;
	}
	return true;
}
