// A python command: a newer CPython, compiled to WebAssembly, on the files of this machine. It has no threads.
// Arguments: the npm package, the folders that it may see (joined by ":"), then those of python: -c CODE or -m MODULE.
const [from, folders, ...given] = process.argv.slice(2);
const { loadPyodide } = await import(from);
const say = (to) => (text) => to.write(text + "\n");
const python = await loadPyodide({
  env: { ...process.env, HOME: "/home" }, stdout: say(process.stdout), stderr: say(process.stderr),
});
for (const root of folders.split(":")) {
  python.FS.mkdirTree(root);
  python.FS.mount(python.FS.filesystems.NODEFS, { root }, root);
}
python.FS.chdir(process.cwd());
python.globals.set("given", python.toPy(given));
process.exit(python.runPython(`
import os, runpy, sys, traceback
sys.path_importer_cache.clear()  # it looked for PYTHONPATH before the folders were there
sys.path[0:0] = [os.getcwd(), os.environ["PACKAGES"]]
sys.argv = given if given[0] == "-c" else given[1:]
code = 0
try:
    if given[0] == "-c":
        exec(given[1], {"__name__": "__main__"})
    else:
        runpy.run_module(given[1], run_name="__main__", alter_sys=True)
except SystemExit as end:
    code = int(end.code or 0)
except BaseException:
    traceback.print_exc()
    code = 1
code
`));
