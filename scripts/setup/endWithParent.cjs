// Loaded before a program: it ends when the process that started it has, whatever way that ended.
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) process.exit(1);
}, 1000).unref();
