import { startPlayer } from './player.ts';

const [, videoId] = /^\/embed\/([^/]+)/.exec(location.pathname) ?? [];
startPlayer(decodeURIComponent(videoId ?? 'demo'));
