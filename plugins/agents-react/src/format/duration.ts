/**
 * A length of time, in the two largest units that matter.
 *
 * @param milliseconds - how long
 * @returns for example `850 ms`, `2.4 s`, `1 min 12 s`, `2 h 5 min`
 * @public
 */
export function formatDuration(milliseconds: number): string {
  const ms = Math.max(0, milliseconds);
  if (ms < 999.5) {
    return `${Math.round(ms)} ms`;
  }
  if (ms < 59_950) {
    const seconds = ms / 1000;
    return `${
      seconds < 10
        ? seconds.toFixed(1).replace(/\.0$/, '')
        : Math.round(seconds)
    } s`;
  }
  const totalSeconds = Math.round(ms / 1000);
  const hours = Math.floor(totalSeconds / 3600);
  const minutes = Math.floor((totalSeconds % 3600) / 60);
  const seconds = totalSeconds % 60;
  if (hours === 0) {
    return seconds === 0 ? `${minutes} min` : `${minutes} min ${seconds} s`;
  }
  return minutes === 0 ? `${hours} h` : `${hours} h ${minutes} min`;
}
