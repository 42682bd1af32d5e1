"""Markdown."""


def table(header: list[str], rows: list[list[str]]) -> str:
    """A Markdown table, the first column to the left and the others to the right.

    Parameters
    ----------
    header, rows
        Texts; bars in them are escaped.

    Returns
    -------
    The table, without a newline at its end.
    """
    lines = [header, ["---"] + ["--:"] * (len(header) - 1), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
