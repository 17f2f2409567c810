/** A fault that a viewer, a checker or a schedule found. */
export class Violation extends Error {
	override name = 'Violation';
}
