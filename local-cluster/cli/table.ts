/** Returns rows with aligned columns; columns with a number are right-aligned. */
export function table(rows: readonly (readonly (string | number)[])[]): string[] {
	const widths: number[] = [];
	const right: boolean[] = [];
	for (const row of rows) {
		for (const [column, cell] of row.entries()) {
			widths[column] = Math.max(widths[column] ?? 0, String(cell).length);
			right[column] ||= typeof cell === 'number';
		}
	}
	const fit = (cell: string | number, column: number) => {
		const width = widths[column] ?? 0;
		return right[column] ? String(cell).padStart(width) : String(cell).padEnd(width);
	};
	return rows.map((row) => row.map(fit).join('   ').trimEnd());
}
