import ts from 'typescript';

/** The code behind a marker. `text`: the code with the switches inside it compiled. */
export interface Code {
	readonly node: ts.Node;
	readonly text: string;
}

/** Writes the code that a mutant runs in place of the marked code. */
export interface Operator {
	/**
	 * The part that it replaces. In a statement, an operator of an expression finds the condition, or the
	 * value.
	 */
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

/** A condition that is evaluated and then never holds, whatever its value. */
export const evaluatedThenFalse: Operator = expression(({ text }) => `((${text}), false)`);

/** The opposite of a condition. */
export const negated: Operator = expression(({ text }) => `!(${text})`);

/** A number that is off by another. */
export const offBy = (by: number): Operator => expression(({ text }) => `(${text}) + ${by}`);

/** One operand of `a && b`, `a || b`, `a ?? b` or another operator between two. */
export const only = (side: 'left' | 'right'): Operator =>
	expression(({ node }) => {
		if (!ts.isBinaryExpression(node)) throw new Error(`only('${side}') requires an operator between two operands`);
		return node[side].getText();
	});

/** A text with a part replaced: SQL. Throws when the text does not contain the part. */
export const replaced = (part: string, by: string): Operator =>
	expression(({ text }) => `replacedPart(${text}, ${JSON.stringify(part)}, ${JSON.stringify(by)})`);

/** Another expression. It may use all names in scope. */
export const value = (code: string): Operator => expression(() => code);

/** Another statement. */
export const instead = (code: string): Operator => ({ of: 'statement', apply: () => code });

/** The statement, after other code. */
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
