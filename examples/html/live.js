import { createClient } from '@likewire/sdk';

const live = createClient({ url: 'http://127.0.0.1:8080' });
const video = live.video('my-video');
const element = (id) => document.getElementById(id);
const warn = (error) => console.warn(error.code, error.message);

video.on('viewers', ({ count }) => {
	element('viewers').textContent = count;
});
video.on('totals', ({ heart = 0 }) => {
	element('total').textContent = heart;
});
video.on('comment', ({ user, text }) => {
	const row = document.createElement('li');
	row.textContent = `${user}: ${text}`;
	element('comments').append(row);
});
element('like').addEventListener('click', () => video.like('heart').catch(warn));
element('form').addEventListener('submit', (event) => {
	event.preventDefault();
	video.comment(event.target.elements.text.value).catch(warn);
	event.target.reset();
});
