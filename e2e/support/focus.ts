import type { Page } from '@playwright/test';
import { expect } from './test.ts';

/** Presses of Tab after which an element counts as unreachable. */
const MOST_STOPS = 120;

/** Runs in the page. Returns why the viewer cannot see the focus; nothing when the viewer can. */
function focusProblem(): string {
	const focused = document.activeElement;
	if (focused === null || focused === document.body) return 'the focus is on BODY';
	const name = `<${focused.tagName.toLowerCase()} class="${focused.className}">`;
	const { outlineStyle, outlineWidth } = getComputedStyle(focused);
	if (outlineStyle === 'none' || Number.parseFloat(outlineWidth) < 2) return `${name} has no outline`;
	const { left, right, top, bottom } = focused.getBoundingClientRect();
	const x = (Math.max(left, 0) + Math.min(right, innerWidth)) / 2;
	const y = (Math.max(top, 0) + Math.min(bottom, innerHeight)) / 2;
	const hit = document.elementFromPoint(x, y);
	return hit !== null && focused.contains(hit) ? '' : `${name} is outside the visible part of the page`;
}

/** Expects the focus on an element of the page that the viewer sees, with an outline. */
export async function expectVisibleFocus(page: Page): Promise<void> {
	await expect.poll(() => page.evaluate(focusProblem)).toBe('');
}

/** Presses a key until the element that `selector` matches has the focus. The viewer sees the focus at each stop. */
export async function tabTo(page: Page, selector: string, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
	for (let stop = 0; stop < MOST_STOPS; stop++) {
		await page.keyboard.press(key);
		await expectVisibleFocus(page);
		if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) return;
	}
	throw new Error(`${MOST_STOPS} presses of ${key} do not reach ${selector}`);
}
