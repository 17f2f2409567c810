import { SHARED_STYLES } from '../base/styles.ts';

const PANEL = `
:host { height: var(--likewire-comments-height, 28em); }
section { position: relative; display: flex; flex-direction: column; height: 100%; min-height: 0; }
p, ol { margin: 0; padding: 0; }
[part=scroller] { flex: 1; min-height: 0; overflow-y: auto; overflow-wrap: anywhere; }
ol { list-style: none; }
li { padding: 8px 4px; border-radius: 8px; content-visibility: auto; contain-intrinsic-block-size: auto 70px; }
[part=by] { display: flex; flex-wrap: wrap; gap: 0 .6em; align-items: baseline; }
[part=author] { font-weight: 650; }
[part=time], [part=status], [part=none], [part=quote], [part=left], [part=replying], [part=closed] { color: var(--_muted); font-size: .875em; }
[part=quote] {
	padding-inline-start: .6em;
	border-inline-start: 3px solid var(--_line);
	overflow: hidden;
	text-overflow: ellipsis;
	white-space: nowrap;
}
[part=actions] { display: flex; flex-wrap: wrap; gap: 2px 4px; align-items: center; }
[part=text] { white-space: pre-line; }
button {
	appearance: none;
	min-height: 32px;
	padding: 2px 10px;
	border: 0;
	border-radius: 999px;
	background: none;
	font-size: .875em;
	font-weight: 600;
}
li button { color: var(--_muted); min-width: 32px; }
button[aria-disabled=true] { opacity: .75; }
.heart::before { content: "\\2661"; }
[data-liked=true] .heart::before { content: "\\2665"; }
[data-liked=true] { color: var(--_accent); }
[part=older] { display: block; margin: 4px auto; color: var(--_accent); }
[part=newer] { align-self: center; margin-block: 4px; background: var(--_accent); color: var(--_on-accent); }
[part=problem]:not(:empty) { padding: 6px 4px; color: var(--_accent); font-size: .875em; }
form { display: flex; flex-wrap: wrap; gap: 6px 8px; align-items: center; padding-block-start: 8px; }
[part=closed], [part=replying] { flex-basis: 100%; }
[part=left] { flex: 1; }
textarea {
	flex: 1 0 100%;
	min-width: 0;
	min-height: 44px;
	max-height: 9em;
	padding: 10px 12px;
	resize: none;
	unicode-bidi: plaintext;
	field-sizing: content;
	border: 1px solid var(--_field-line, var(--_muted));
	border-radius: var(--_radius);
	background: var(--_surface);
}
::placeholder { color: var(--_muted); opacity: 1; }
[part=send] { margin-inline-start: auto; min-height: 44px; padding-inline: 20px; background: var(--_accent); color: var(--_on-accent); }
[part=send][aria-disabled=true] { background: var(--_line); color: var(--_ink); opacity: 1; }
@media (forced-colors: active) { button { border: 1px solid; } [aria-disabled=true] { color: GrayText; } }
`;

/** The styles of the comments, in their order. */
export const STYLES = [SHARED_STYLES, PANEL];
