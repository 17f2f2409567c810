import type { Figure, ScenarioResult } from '../scenario.ts';
import { type Spread, spreadOf } from './spread.ts';

/** How a figure follows the floor of its scenario. */
export type Basis = 'share of the floor' | 'turns of the floor' | 'plain' | 'the floor';

/** A figure of several runs of one scenario. */
export interface FigureSummary extends Spread {
	/** Its label, with that of the figure that it details. Unique in a scenario. */
	readonly key: string;
	readonly label: string;
	readonly unit: string;
	readonly target?: Figure['target'];
	readonly basis: Basis;
	/** The figure in relation to the floor of the same run; the figure itself where the basis is neither. */
	readonly related: Spread;
}

/** Returns the summary of each figure that any of the runs has, in the order of the runs. */
export function summarize(results: readonly ScenarioResult[]): FigureSummary[] {
	const found = new Map<string, { readonly figure: Figure; readonly of: { value: number; floor: number }[] }>();
	for (const { figures } of results) {
		const floor = figures.find(({ isFloor }) => isFloor)?.value ?? Number.NaN;
		for (const [index, key] of figureKeys(figures).entries()) {
			const figure = figures[index] as Figure;
			const known = found.get(key) ?? { figure, of: [] };
			known.of.push({ value: figure.value, floor });
			found.set(key, known);
		}
	}
	return [...found].map(([key, { figure, of }]) => {
		const { label, unit, target } = figure;
		const basis = basisOf(
			figure,
			of.every(({ floor }) => floor > 0),
		);
		const spread = spreadOf(of.map(({ value }) => value));
		const related = spreadOf(of.map(({ value, floor }) => relate(basis, unit, value, floor)));
		return { key, label, unit, ...(target && { target }), basis, ...spread, related };
	});
}

/** Returns a name of each figure that is unique in its scenario, and the same in every run. */
export function figureKeys(figures: readonly Figure[]): string[] {
	let headline = '';
	const times = new Map<string, number>();
	return figures.map(({ label }) => {
		const details = /^( {2}|…)/.test(label);
		if (!details) headline = label;
		const key = details ? `${headline} › ${label.replace(/^( {2}|… ?)/, '')}` : label;
		const time = (times.get(key) ?? 0) + 1;
		times.set(key, time);
		return time === 1 ? key : `${key} (${time})`;
	});
}

/** Milliseconds in a unit of time; undefined for other units. */
function millisecondsIn(unit: string): number | undefined {
	if (/^µs\b/.test(unit)) return 0.001;
	if (/^ms\b/.test(unit)) return 1;
	return undefined;
}

function basisOf({ unit, isFloor }: Figure, hasFloor: boolean): Basis {
	if (isFloor) return 'the floor';
	if (!hasFloor) return 'plain';
	if (unit === '/s') return 'share of the floor';
	return millisecondsIn(unit) === undefined ? 'plain' : 'turns of the floor';
}

/** `floor` is a rate: a machine half as fast halves each rate, and doubles each time. */
function relate(basis: Basis, unit: string, value: number, floor: number): number {
	if (basis === 'share of the floor') return value / floor;
	if (basis === 'turns of the floor') return (value * (millisecondsIn(unit) ?? 1) * floor) / 1_000;
	return value;
}
