import ts from 'typescript';

/** The code behind a marker. `text`: as it stands there, with the switches inside it compiled. */
export interface Code {
	readonly node: ts.Node;
	readonly text: string;
}

/** Writes the code that a mutant runs instead. */
export interface Operator {
	/** What it replaces. An operator of an expression finds that of a statement itself: its condition, or its value. */
	readonly of: 'statement' | 'expression';
	apply(code: Code): string;
}

const expression = (apply: Operator['apply']): Operator => ({ of: 'expression', apply });

/** Leaves the statement out. */
export const drop: Operator = { of: 'statement', apply: () => '' };

/** A condition that always holds; what it evaluates is not evaluated. */
export const always: Operator = expression(() => 'true');

/** A condition that never holds. */
export const never: Operator = expression(() => 'false');

/** A condition that is evaluated and then holds, whatever came of it. */
export const evaluatedThenFalse: Operator = expression(({ text }) => `((${text}), false)`);

/** The opposite of a condition. */
export const negated: Operator = expression(({ text }) => `!(${text})`);

/** A number that is off by some. */
export const offBy = (by: number): Operator => expression(({ text }) => `(${text}) + ${by}`);

/** One operand of `a && b`, `a || b`, `a ?? b` or another operator between two. */
export const only = (side: 'left' | 'right'): Operator =>
	expression(({ node }) => {
		if (!ts.isBinaryExpression(node)) throw new Error(`only('${side}') wants an operator between two operands`);
		return node[side].getText();
	});

/** A text of which a part is another: SQL. Throws when the part does not occur in it. */
export const replaced = (part: string, by: string): Operator =>
	expression(({ text }) => `replacedPart(${text}, ${JSON.stringify(part)}, ${JSON.stringify(by)})`);

/** Another expression. It may use what is in scope there. */
export const value = (code: string): Operator => expression(() => code);

/** Another statement. */
export const instead = (code: string): Operator => ({ of: 'statement', apply: () => code });

/** The statement, and something before it. */
export const after = (code: string): Operator => ({ of: 'statement', apply: ({ text }) => `${code}; ${text}` });

/** The statement, only under a condition. */
export const onlyIf = (condition: string): Operator => ({
	of: 'statement',
	apply: ({ text }) => `if (${condition}) { ${text} }`,
});

/** A condition that also holds under another one. */
export const or = (condition: string): Operator => expression(({ text }) => `(${text}) || (${condition})`);

/** The value, unless a condition holds: then another. */
export const unless = (condition: string, code: string): Operator =>
	expression(({ text }) => `(${condition}) ? (${code}) : (${text})`);
