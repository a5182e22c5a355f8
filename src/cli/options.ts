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

/** An option that may be given several times. */
export const severally = (text: string, before: string[]): string[] => [...before, text];
