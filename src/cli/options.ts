/** Values of the command's options. */
import { InvalidArgumentError } from 'commander';

/** A number within bounds. @throws InvalidArgumentError */
export const among =
  (least: number, most: number, isWhole = true) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() !== '' && value >= least && value <= most && (!isWhole || Number.isInteger(value))) return value;
    throw new InvalidArgumentError(`a number from ${least} to ${most} is expected.`);
  };

/** @throws InvalidArgumentError */
export function secondsOf(text: string): number {
  const count = Number(text);
  if (count > 0 && count <= 86_400) return count;
  throw new InvalidArgumentError('a number of seconds is expected.');
}

/** An option that may be given several times. */
export const severally = (text: string, before: string[]): string[] => [...before, text];
