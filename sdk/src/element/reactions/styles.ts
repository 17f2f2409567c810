/** The styles of the reaction buttons. */
export const STYLES = `
[part=group] { display: flex; flex-wrap: wrap; gap: var(--likewire-gap, 6px); }
button {
	appearance: none;
	flex: 1 0 auto;
	display: inline-flex;
	align-items: center;
	justify-content: center;
	gap: 6px;
	min-width: 44px;
	min-height: 44px;
	padding: 6px;
	border: 1px solid var(--_line);
	border-radius: var(--_radius);
	background: var(--_surface);
	font-weight: 600;
	font-variant-numeric: tabular-nums;
}
canvas, ::slotted(*) {
	display: block;
	flex: none;
	width: var(--likewire-icon-size, 26px);
	height: var(--likewire-icon-size, 26px);
}
button:active:not([aria-disabled=true]) slot { transform: scale(.86); }
slot { display: block; transition: transform .18s; }
@media (hover: hover) {
	button:hover:not([aria-disabled=true]) { border-color: var(--_accent); }
}
[aria-disabled=true] canvas, [aria-disabled=true] ::slotted(*) { opacity: .6; }
@media (prefers-reduced-motion: reduce) { slot { transition: none; } }
@media (forced-colors: active) { [aria-disabled=true] { color: GrayText; } }
`;
