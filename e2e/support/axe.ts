import type { Page } from '@playwright/test';
import axe from 'axe-core';
import { expect } from './test.ts';

declare global {
	interface Window {
		axe: typeof axe;
	}
}

/** Expects that axe finds no violation in a page, with the rules of WCAG 2.2 AA and the best practices. */
export async function expectAccessible(page: Page): Promise<void> {
	// The policy of the page forbids such a script; the protocol of the debugger runs it nevertheless.
	if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source);
	const violations = await page.evaluate(async () => {
		const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
		const results = await window.axe.run(document, { runOnly: tags, resultTypes: ['violations'] });
		return results.violations.map(
			({ id, help, nodes }) =>
				`${id}: ${help}\n${nodes.map(({ html, failureSummary }) => `${html}\n${failureSummary}`).join('\n')}`,
		);
	});
	expect(violations).toEqual([]);
}
