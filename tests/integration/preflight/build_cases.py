"""Build contexts with the verdict that both real builders gave on them: what builds, and what only one refuses."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

OK, BLOCK = "ok", "block"  # both builders agree
CLASSIC, BUILDKIT = "classic", "BuildKit"  # the one that refuses


@dataclass(frozen=True, kw_only=True)
class BuildCase:
    name: str
    verdict: str
    recipe: str
    files: tuple[str, ...] = ()  # a trailing slash makes a folder, "name -> target" a link
    ignore: str | None = None
    own_ignore: str | None = None  # Dockerfile.dockerignore
    target: str | None = None
    args: Mapping[str, str] = field(default_factory=dict)
    dockerfile: str = "Dockerfile"
    says: str = ""  # words that the finding must hold
    engine_20: str = ""  # what engine 20.10 says where its builders are known to be behind

    def lay_out(self, folder: Path) -> Path:
        """The case's files in a folder of its own; the context is returned."""
        context = folder / "context"
        context.mkdir()
        for entry in self.files:
            name, _, target = entry.partition(" -> ")
            path = context / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if target:
                path.symlink_to(target)
            elif entry.endswith("/"):
                path.mkdir(exist_ok=True)
            else:
                path.write_text(f"{name}\n", encoding="utf-8")
        if self.ignore is not None:
            (context / ".dockerignore").write_text(self.ignore, encoding="utf-8")
        recipe = context / self.dockerfile
        recipe.parent.mkdir(parents=True, exist_ok=True)
        recipe.write_text(self.recipe, encoding="utf-8")
        if self.own_ignore is not None:
            recipe.with_name(f"{recipe.name}.dockerignore").write_text(self.own_ignore, encoding="utf-8")
        return context


def _case(name: str, verdict: str, recipe: str, *files: str, **rest: object) -> BuildCase:
    return BuildCase(name=name, verdict=verdict, recipe=recipe, files=files, **rest)  # type: ignore[arg-type]


S = "FROM scratch\n"

CASES = (
    # sources that are there, and that are not
    _case("a file", OK, S + "COPY a.txt /\n", "a.txt"),
    _case("a missing file", BLOCK, S + "COPY a.txt /\n", "b.txt", says="a.txt"),
    _case("a folder", OK, S + "COPY src /app/\n", "src/x.py"),
    _case("a folder with a slash", OK, S + "COPY src/ /app/\n", "src/x.py"),
    _case("an empty folder", OK, S + "COPY src /app/\n", "src/"),
    _case("a missing folder", BLOCK, S + "COPY src/ /app/\n", "source/x.py", says="src"),
    _case("a file in a folder", OK, S + "COPY src/x.py /\n", "src/x.py"),
    _case("a missing file in a folder", BLOCK, S + "COPY src/y.py /\n", "src/x.py", says="src/y.py"),
    _case("the whole context", OK, S + "COPY . /app\n", "x"),
    _case("the context by its root", OK, S + "COPY / /app\n", "x"),
    _case("a source with a leading slash", OK, S + "COPY /a.txt /\n", "a.txt"),
    _case("a source with a leading dot", OK, S + "COPY ./a.txt /\n", "a.txt"),
    _case("a source with dots inside", OK, S + "COPY src/../a.txt /\n", "a.txt", "src/x"),
    _case("dots behind a folder that is not there", OK, S + "COPY nope/../a.txt /\n", "a.txt"),
    _case("a file with a trailing slash", OK, S + "COPY a.txt/ /x\n", "a.txt"),
    _case("a file that lies elsewhere", BLOCK, S + "COPY x.py /\n", "src/x.py", says="there is src/x.py"),
    _case("a file taken for a folder", BLOCK, S + "COPY a.txt/b /x\n", "a.txt"),
    _case("another case of letters", BLOCK, S + "COPY Readme.md /\n", "README.md", says="README.md"),
    _case("two sources, one missing", BLOCK, S + "COPY a.txt b.txt /x/\n", "a.txt", says="b.txt"),
    _case("two sources into a file", CLASSIC, S + "COPY a.txt b.txt /x\n", "a.txt", "b.txt"),
    _case("two sources into a folder", OK, S + "COPY a.txt b.txt /x/\n", "a.txt", "b.txt"),
    _case("two sources into a dot", CLASSIC, S + "WORKDIR /w\nCOPY a.txt b.txt .\n", "a.txt", "b.txt"),
    _case("two sources into two dots", CLASSIC, S + "WORKDIR /w\nCOPY a.txt b.txt ..\n", "a.txt", "b.txt"),
    _case("the JSON form with a blank", OK, S + 'COPY ["a b.txt", "/x"]\n', "a b.txt"),
    _case("the JSON form, missing", BLOCK, S + 'COPY ["a b.txt", "/x"]\n', "a", "b.txt"),
    _case("quotes", OK, S + 'COPY "a.txt" /x\n', "a.txt"),
    _case("a blank that quotes do not save", BLOCK, S + 'COPY "a b.txt" /x/\n', "a b.txt"),
    _case("an escaped dollar", OK, S + "COPY \\$a.txt /x/\n", "$a.txt"),
    _case("continued lines", OK, S + "COPY a.txt \\\n  b.txt \\\n  /x/\n", "a.txt", "b.txt"),
    _case("continued lines, one missing", BLOCK, S + "COPY a.txt \\\n  b.txt \\\n  /x/\n", "a.txt", says="b.txt"),
    _case("a comment inside continued lines", OK, S + "COPY a.txt \\\n# why\n  b.txt /x/\n", "a.txt", "b.txt"),
    _case("a backtick as escape", OK, "# escape=`\nFROM scratch\nCOPY a.txt `\n  b.txt /x/\n", "a.txt", "b.txt"),
    _case("small letters", OK, "from scratch\ncopy a.txt /\n", "a.txt"),
    _case("an owner", OK, S + "COPY --chown=1:1 a.txt /\n", "a.txt"),
    _case(
        "an owner of a missing folder", BLOCK, S + "COPY --chown=1:1 backend /app/backend\n", "a.txt", says="backend"
    ),
    _case("ADD of a file", OK, S + "ADD a.txt /\n", "a.txt"),
    _case("ADD of a missing file", BLOCK, S + "ADD a.tar.gz /\n", "a.txt", says="a.tar.gz"),
    # wildcards
    _case("a wildcard", OK, S + "COPY *.txt /x/\n", "a.txt", "b.txt"),
    _case("a wildcard without a match", CLASSIC, S + "COPY *.txt /x/\n", "a.md"),
    _case("a wildcard without a match beside a file", OK, S + "COPY a.md *.txt /x/\n", "a.md"),
    _case("an optional file", OK, S + "COPY a.md lock* /x/\n", "a.md", "lock.json"),
    _case("a wildcard in a folder", OK, S + "COPY src/*.py /x/\n", "src/a.py"),
    _case("a wildcard for a folder", OK, S + "COPY */a.py /x/\n", "src/a.py"),
    _case("a wildcard does not cross folders", CLASSIC, S + "COPY *.py /x/\n", "src/a.py"),
    _case("two stars are one", CLASSIC, S + "COPY **/a.py /x/\n", "src/sub/a.py"),
    _case("a question mark", OK, S + "COPY ?.txt /x/\n", "a.txt"),
    _case("a wildcard in a folder that is not there", BLOCK, S + "COPY gone/* /x/\n", "a.txt", says="gone"),
    _case(
        "a wildcard in a missing folder beside a file", BUILDKIT, S + "COPY a.txt gone/* /x/\n", "a.txt", says="gone"
    ),
    _case("a wildcard in an empty folder", CLASSIC, S + "COPY src/* /x/\n", "src/"),
    _case("a wildcard with a trailing slash", CLASSIC, S + "COPY s*/ /x/\n", "src/a"),
    _case("a class", OK, S + "COPY [ab].txt /x/\n", "a.txt"),
    _case("a class without a match", CLASSIC, S + "COPY [cd].txt /x/\n", "a.txt"),
    _case("a class turned round", OK, S + "COPY [^b].txt /x/\n", "a.txt"),
    _case("a class without its end", CLASSIC, S + "COPY [a.txt /x/\n", "a.txt"),
    _case("a wildcard with many matches into a file", CLASSIC, S + "COPY *.txt /x\n", "a.txt", "b.txt"),
    _case("a wildcard with one match into a file", OK, S + "COPY *.txt /x\n", "a.txt"),
    _case("a wildcard takes a folder", OK, S + "COPY s* /x/\n", "src/a"),
    _case("a wildcard takes a hidden file", OK, S + "COPY * /x/\n", ".hidden"),
    _case("a wildcard and an absolute source", OK, S + "COPY /*.txt /x/\n", "a.txt"),
    _case("an escaped bracket", OK, S + "COPY a[[]b].txt /x/\n", "a[b].txt"),
    _case("brackets in a name", CLASSIC, S + "COPY a[b].txt /x/\n", "a[b].txt"),
    # above the context
    _case("a source above the context", BLOCK, S + "COPY ../a.txt /\n", "b.txt"),
    _case("a source above the context that is also in it", CLASSIC, S + "COPY ../a.txt /\n", "a.txt"),
    _case("far above the context", CLASSIC, S + "COPY ../../a.txt /\n", "a.txt"),
    _case("out and in again", CLASSIC, S + "COPY src/../../a.txt /\n", "a.txt", "src/x"),
    _case("a wildcard above the context", CLASSIC, S + "COPY ../*.txt /x/\n", "a.txt"),
    _case("the folder above", CLASSIC, S + "COPY .. /x/\n", "a.txt"),
    # ignore files
    _case("an excluded file", BLOCK, S + "COPY a.txt /\n", "a.txt", ignore="a.txt\n", says=".dockerignore:1"),
    _case("excluded by its folder", BLOCK, S + "COPY src/a.py /\n", "src/a.py", ignore="# x\n\nsrc\n", says=":3"),
    _case("an excluded folder", BLOCK, S + "COPY src /x\n", "src/a.py", ignore="src/\n"),
    _case("excluded, then brought back", OK, S + "COPY a.txt /\n", "a.txt", ignore="*\n!a.txt\n"),
    _case("brought back, then excluded", BLOCK, S + "COPY a.txt /\n", "a.txt", ignore="!a.txt\n*\n", says=":2"),
    _case("a folder brought back from all", OK, S + "COPY src /x\n", "src/a.py", ignore="*\n!src\n"),
    _case("a file brought back from a folder", OK, S + "COPY src/a.py /x\n", "src/a.py", ignore="src\n!src/a.py\n"),
    _case("a folder with one file brought back", OK, S + "COPY src /x\n", "src/a.py", ignore="src\n!src/a.py\n"),
    _case("everything in a folder excluded", OK, S + "COPY src /x\n", "src/a.py", ignore="src/*\n"),
    _case("everything below a folder excluded", OK, S + "COPY src /x\n", "src/a.py", ignore="src/**\n"),
    _case("excluded at any depth", BLOCK, S + "COPY src/sub/a.pyc /\n", "src/sub/a.pyc", ignore="**/*.pyc\n"),
    _case("excluded at any depth, also at the top", BLOCK, S + "COPY a.pyc /\n", "a.pyc", ignore="**/*.pyc\n"),
    _case("a pattern without a folder is for the top", OK, S + "COPY src/a.pyc /\n", "src/a.pyc", ignore="*.pyc\n"),
    _case("a folder excluded at any depth", BLOCK, S + "COPY a/b/c/x /\n", "a/b/c/x", ignore="**/c\n"),
    _case("a folder at any depth, deeper", BLOCK, S + "COPY a/b/c/d/x /\n", "a/b/c/d/x", ignore="**/c\n"),
    _case("a pattern with a leading slash", BLOCK, S + "COPY a.txt /\n", "a.txt", ignore="/a.txt\n"),
    _case("a pattern with dots", BLOCK, S + "COPY a.txt /\n", "a.txt", ignore="./src/../a.txt\n"),
    _case("a pattern in another case", OK, S + "COPY README.md /\n", "README.md", ignore="readme.md\n"),
    _case("a pattern with a class", BLOCK, S + "COPY a.txt /\n", "a.txt", ignore="[ab].txt\n"),
    _case("a pattern with a class turned round", BLOCK, S + "COPY a.txt /\n", "a.txt", ignore="[^b].txt\n"),
    _case("a pattern with a bang in its class", OK, S + "COPY a.txt /\n", "a.txt", ignore="[!b].txt\n"),
    _case("a pattern with a question mark", BLOCK, S + "COPY a.txt /\n", "a.txt", ignore="?.txt\n"),
    _case("a pattern with an escape", OK, S + "COPY a.txt /\n", "a.txt", ignore="\\a.txt\n"),
    _case("a pattern with a plus", OK, S + "COPY a+b.txt /\n", "a+b.txt", ignore="aab.txt\n"),
    _case("a pattern that does not parse", BLOCK, S + "COPY a.txt /\n", "a.txt", ignore="[a.txt\n"),
    _case("a comment with blanks before it", OK, S + "COPY a.txt /\n", "a.txt", ignore="  # a.txt\n"),
    _case("a pattern with blanks around it", BLOCK, S + "COPY a.txt /\n", "a.txt", ignore="  a.txt  \n"),
    _case("a pattern with Windows line ends", BLOCK, S + "COPY a.txt /\n", "a.txt", ignore="b\r\na.txt\r\n"),
    _case("a pattern with a byte order mark", BLOCK, S + "COPY a.txt /\n", "a.txt", ignore="\ufeffa.txt\n"),
    _case("a bang with a blank", OK, S + "COPY a.txt /\n", "a.txt", ignore="*\n! a.txt\n"),
    _case("the pattern dot", OK, S + "COPY a.txt /\n", "a.txt", ignore=".\n"),
    _case("all excluded and the context copied", OK, S + "COPY . /x\n", "a.txt", ignore="*\n"),
    _case("all excluded by two stars", BLOCK, S + "COPY a.txt /x\n", "a.txt", ignore="**\n"),
    _case("an excluded wildcard", CLASSIC, S + "COPY *.txt /x/\n", "a.txt", ignore="*.txt\n"),
    _case("the Dockerfile itself, excluded", BLOCK, S + "COPY Dockerfile /\n", ignore="Dockerfile\n"),
    _case("the Dockerfile excluded, not copied", OK, S + "COPY a.txt /\n", "a.txt", ignore="Dockerfile\n"),
    _case("the ignore file itself, excluded", BLOCK, S + "COPY .dockerignore /\n", ignore=".dockerignore\n"),
    _case("the ignore file itself, copied", OK, S + "COPY .dockerignore /\n", ignore="x\n"),
    _case("an ignore file of the Dockerfile's own", BUILDKIT, S + "COPY a.txt /\n", "a.txt", own_ignore="a.txt\n"),
    _case(
        "an own ignore file that excludes less",
        CLASSIC,
        S + "COPY a.txt /\n",
        "a.txt",
        ignore="a.txt\n",
        own_ignore="b\n",
    ),
    _case(
        "brought back by two stars from the top",
        CLASSIC,
        S + "COPY a/b.md /\n",
        "a/b.md",
        ignore="*\n!**/*.md\n",
        engine_20=BLOCK,
    ),
    _case("brought back by a star", OK, S + "COPY src/a.py /\n", "src/a.py", ignore="*\n!s*\n"),
    _case(
        "brought back by a deeper star",
        CLASSIC,
        S + "COPY src/a.py /\n",
        "src/a.py",
        ignore="*\n!s*/a.py\n",
        engine_20=BLOCK,
    ),
    # links
    _case("a link to a file", OK, S + "COPY l /x\n", "a.txt", "l -> a.txt"),
    _case("a link to a folder", OK, S + "COPY l /x/\n", "src/a", "l -> src"),
    _case("through a link", OK, S + "COPY l/a /x\n", "src/a", "l -> src"),
    _case("a link to nothing", BLOCK, S + "COPY l /x\n", "a.txt", "l -> nope"),
    _case("a link out of the context", BLOCK, S + "COPY l /x\n", "a.txt", "l -> ../outside.txt"),
    _case("a link to an absolute path outside", BLOCK, S + "COPY l /x\n", "a.txt", "l -> /etc/hostname"),
    _case("an absolute link that fits inside", OK, S + "COPY l /x\n", "a.txt", "l -> /a.txt"),
    _case("a link above that fits inside", OK, S + "COPY l /x\n", "a.txt", "l -> ../a.txt"),
    _case("a link to itself", BLOCK, S + "COPY l /x\n", "l -> l"),
    _case("a link whose target is excluded", BLOCK, S + "COPY l /x\n", "a.txt", "l -> a.txt", ignore="a.txt\n"),
    _case("a broken link beside", OK, S + "COPY a.txt /x\n", "a.txt", "l -> nope"),
    _case("a broken link in a copied folder", OK, S + "COPY src /x\n", "src/l -> nope"),
    _case("a wildcard takes a broken link", BLOCK, S + "COPY l* /x/\n", "l -> nope"),
    # variables
    _case("an argument's default", OK, S + "ARG D=src\nCOPY $D /x\n", "src/a"),
    _case("an argument's default, missing", BLOCK, S + "ARG D=source\nCOPY $D /x\n", "src/a", says="source"),
    _case("an argument given", OK, S + "ARG D=nope\nCOPY ${D} /x\n", "src/a", args={"D": "src"}),
    _case("an argument given, missing", BLOCK, S + "ARG D=src\nCOPY ${D} /x\n", "src/a", args={"D": "nope"}),
    _case("an argument without a value is the context", OK, S + "ARG D\nCOPY ${D} /x\n", "src/a"),
    _case("an argument without a value in a path", BLOCK, S + "ARG D\nCOPY ${D}/a /x\n", "src/a"),
    _case("a variable nobody set in a path", OK, S + "COPY a$D.txt /x\n", "a.txt"),
    _case("a default in place", OK, S + "COPY ${D:-src}/a /x\n", "src/a"),
    _case("an alternative in place", OK, S + "ARG D=1\nCOPY ${D:+src}/a /x\n", "src/a"),
    _case("an argument before FROM is not known inside", BLOCK, "ARG D=src\nFROM scratch\nCOPY $D/a /x\n", "src/a"),
    _case("an argument before FROM, declared again", OK, "ARG D=src\nFROM scratch\nARG D\nCOPY $D/a /x\n", "src/a"),
    _case("an environment variable", OK, S + "ENV D=src\nCOPY $D/a /x\n", "src/a"),
    _case("the environment beats the argument", OK, S + "ARG D=nope\nENV D=src\nCOPY $D/a /x\n", "src/a"),
    _case("the environment of the stage below", OK, "FROM scratch AS a\nENV D=src\nFROM a\nCOPY $D/a /x\n", "src/a"),
    _case("an argument of the stage below", CLASSIC, "FROM scratch AS a\nARG D=src\nFROM a\nCOPY $D/a /x\n", "src/a"),
    _case("single quotes keep the dollar", BLOCK, S + "ARG D=src\nCOPY '$D' /x\n", "src/a"),
    _case("a base from an argument", OK, "ARG B=scratch\nFROM $B\nCOPY a.txt /\n", "a.txt"),
    _case("a base without a value", BLOCK, "ARG B\nFROM $B\nCOPY a.txt /\n", "a.txt", says="blank"),
    _case(
        "the architecture, which only BuildKit knows", CLASSIC, S + "ARG TARGETOS\nCOPY b/$TARGETOS/x /\n", "b/linux/x"
    ),
    _case("the architecture, not declared", BLOCK, S + "COPY b/$TARGETOS/x /\n", "b/linux/x"),
    _case("a stage by its platform", OK, "FROM scratch AS linux-x\nCOPY x /\nFROM linux-x\nCOPY x /y\n", "x"),
    # stages
    _case(
        "a copy from a stage", OK, "FROM scratch AS a\nCOPY a.txt /\nFROM scratch\nCOPY --from=a /a.txt /\n", "a.txt"
    ),
    _case("a copy from a stage by number", OK, S + "COPY a.txt /\nFROM scratch\nCOPY --from=0 /a.txt /\n", "a.txt"),
    _case("a copy from a number out of reach", BLOCK, S + "COPY --from=3 /a.txt /\n", "a.txt", says="3"),
    _case(
        "missing in a stage that is used", BLOCK, "FROM scratch AS a\nCOPY b /\nFROM scratch\nCOPY --from=a /b /\n", "x"
    ),
    _case("missing in a stage nobody needs", CLASSIC, "FROM scratch AS a\nCOPY b /\nFROM scratch\nCOPY x /\n", "x"),
    _case("missing in a stage that is the base", BLOCK, "FROM scratch AS a\nCOPY b /\nFROM a\nCOPY x /\n", "x"),
    _case("missing behind the target", OK, "FROM scratch AS a\nCOPY x /\nFROM scratch\nCOPY b /\n", "x", target="a"),
    _case(
        "the target in other letters", OK, "FROM scratch AS Aa\nCOPY x /\nFROM scratch\nCOPY b /\n", "x", target="aA"
    ),
    _case("the target by number", BLOCK, "FROM scratch\nCOPY x /\nFROM scratch\nCOPY b /\n", "x", target="0"),
    _case("an unknown target", BLOCK, "FROM scratch AS a\nCOPY x /\n", "x", target="b", says="b"),
    _case("a number that is no target", BLOCK, "FROM scratch AS a\nCOPY x /\n", "x", target="7"),
    _case("a trigger that is pulled", BLOCK, "FROM scratch AS a\nONBUILD COPY b /\nFROM a\nCOPY x /\n", "x", says="b"),
    _case("a trigger that finds its file", OK, "FROM scratch AS a\nONBUILD COPY x /\nFROM a\nCOPY x /y\n", "x"),
    _case("a trigger that is not pulled", OK, S + "ONBUILD COPY b /\nCOPY x /\n", "x"),
    _case("a platform", OK, "FROM --platform=linux/amd64 scratch\nCOPY x /\n", "x"),
    _case("the same name twice", CLASSIC, "FROM scratch AS a\nCOPY x /\nFROM scratch AS a\nCOPY x /\n", "x"),
    # the text itself
    _case("an unknown instruction", BLOCK, S + "COPPY x /\n", "x", says="COPPY"),
    _case("an unknown flag", BLOCK, S + "COPY --nope=1 x /\n", "x", says="nope"),
    _case("a COPY of nothing", BLOCK, S + "COPY x\n", "x"),
    _case("no FROM", BLOCK, "COPY x /\n", "x", says="FROM"),
    _case("an empty Dockerfile", BLOCK, "", "x"),
    _case("only comments", BLOCK, "# nothing\n", "x"),
    _case("a FROM of nothing", BLOCK, "FROM\nCOPY x /\n", "x"),
    _case("a FROM of two words", BLOCK, "FROM scratch a\nCOPY x /\n", "x"),
    _case("a FROM with another word than AS", BLOCK, "FROM scratch IS a\nCOPY x /\n", "x"),
    _case("a stage name that is none", BLOCK, "FROM scratch AS 1a\nCOPY x /\n", "x"),
    _case("a wrong name of a variable", BLOCK, S + "ENV =x\nCOPY x /\n", "x"),
    _case("an ENV without a value", BLOCK, S + "ENV A\nCOPY x /\n", "x"),
    _case("two arguments in one line", OK, S + "ARG A=x B=y\nCOPY $A /\n", "x"),
    _case(
        "a wrong instruction behind the target",
        BLOCK,
        "FROM scratch AS a\nCOPY x /\nFROM scratch\nNOPE\n",
        "x",
        target="a",
    ),
    _case("a WORKDIR of nothing", BLOCK, S + "WORKDIR\nCOPY x /\n", "x"),
    _case("an ONBUILD of FROM", BLOCK, S + "ONBUILD FROM x\nCOPY x /\n", "x"),
    _case("a SHELL that is no list", BLOCK, S + "SHELL sh\nCOPY x /\n", "x"),
    _case("a modern flag", CLASSIC, S + "COPY --chmod=755 x /\n", "x", says="chmod"),
    _case("a file mode of a missing file", BLOCK, S + "COPY --chmod=755 y /\n", "x"),
    _case("FROM alone", CLASSIC, S),
    _case("FROM with an argument alone", OK, S + "ARG A\n"),
    _case("FROM with a label alone", OK, S + "LABEL a=b\n"),
    _case("a bare stage below a stage", OK, "FROM scratch AS a\nFROM scratch\nCOPY x /\n", "x"),
    _case("a mount of a missing file", BLOCK, S + "RUN --mount=source=gone,target=/g x\n", "x", says="gone"),
    _case("a mount", CLASSIC, f"{S}RUN --mount=type=cache,target=/c x\n{S}COPY x /\n", "x", says="mount"),
    # beyond what engine 20.10 can do without a network; judged by the documentation of the Dockerfile format
    _case("a heredoc", CLASSIC, S + "COPY <<EOF /x\nhello\nEOF\n", says="heredoc", engine_20=BLOCK),
    _case("a quoted heredoc", CLASSIC, S + "COPY <<-'EOF' /x\nhello\nEOF\n", says="heredoc", engine_20=BLOCK),
    _case("a heredoc and a missing file", BLOCK, S + "COPY <<EOF y /x/\nhello\nEOF\n", "x", says="y"),
    _case("a heredoc that does not end", BLOCK, S + "COPY <<EOF /x\nhello\n", "x"),
    _case("a linked layer", CLASSIC, S + "COPY --link x /\n", "x", says="link", engine_20=BLOCK),
    _case(
        "a frontend asked for",
        OK,
        "# syntax=docker/dockerfile:1\n" + S + "COPY --link <<EOF x /y/\nhello\nEOF\n",
        "x",
        engine_20=BLOCK,
    ),
    _case(
        "a frontend asked for, a file missing",
        BLOCK,
        "# syntax=docker/dockerfile:1\n" + S + "COPY y /\n",
        "x",
        says="y",
    ),
    _case("Windows line ends", OK, "FROM scratch\r\nCOPY x /\r\n", "x"),
    _case("a byte order mark", OK, "\ufeffFROM scratch\nCOPY x /\n", "x"),
    _case("a Dockerfile in a folder", OK, S + "COPY x /\n", "x", dockerfile="docker/app.Dockerfile"),
    _case(
        "a missing source of a Dockerfile in a folder",
        BLOCK,
        S + "COPY y /\n",
        "docker/y",
        dockerfile="docker/Dockerfile",
    ),
)
