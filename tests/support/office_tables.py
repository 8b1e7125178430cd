"""Tables as offices keep them: a title, merged heads, a seal, lists to choose from, a foot, and their print set-up."""

from io import BytesIO

from openpyxl import Workbook
from openpyxl.drawing.image import Image
from openpyxl.styles import Border, Side
from openpyxl.utils import get_column_letter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from PIL import Image as Picture

THIN = Border(*[Side("thin")] * 4)


def seal() -> BytesIO:
    out = BytesIO()
    Picture.new("RGB", (40, 40), "#c02020").save(out, "PNG")
    out.seek(0)
    return out


def office_table(heads, *, room=10, foot="填报人：", picture=True, formula=True) -> bytes:
    """`heads` are (group, heading); where there are groups, the heads take two rows, merged as people do it."""
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = "正式表"
    last = get_column_letter(len(heads))
    sheet["A1"] = "某市人才汇总表"
    sheet.merge_cells(f"A1:{last}1")
    grouped = any(group for group, _ in heads)
    bottom = 3 if grouped else 2
    _draw_heads(sheet, heads, grouped, bottom)
    for row in range(bottom + 1, bottom + 1 + room):
        sheet.row_dimensions[row].height = 30
        for column in range(1, len(heads) + 1):
            sheet.cell(row, column).border = THIN
    end = bottom + room
    if foot:
        sheet.cell(end + 1, 1, foot)
        sheet.merge_cells(f"A{end + 1}:{last}{end + 1}")
    choice = DataValidation(type="list", formula1='"甲,乙"')
    choice.add(f"B{bottom + 1}:B{end}")
    sheet.add_data_validation(choice)
    if picture:
        sheet.add_image(Image(seal()), "A1")
    _draw_page(workbook, sheet, bottom, f"A1:{last}{end + bool(foot)}")
    workbook.create_sheet("填表说明")["A1"] = "=1+1" if formula else "逐栏填写"
    out = BytesIO()
    workbook.save(out)
    return out.getvalue()


def _draw_heads(sheet, heads, grouped, bottom):
    column = 1
    while column <= len(heads):
        group, heading = heads[column - 1]
        wide = 1
        if not group:
            sheet.cell(2, column, heading)
            if grouped:
                sheet.merge_cells(start_row=2, end_row=3, start_column=column, end_column=column)
        else:
            while column + wide <= len(heads) and heads[column - 1 + wide][0] == group:
                wide += 1
            sheet.cell(2, column, group)
            for place in range(column, column + wide):
                sheet.cell(bottom, place, heads[place - 1][1])
            if wide > 1:
                sheet.merge_cells(start_row=2, end_row=2, start_column=column, end_column=column + wide - 1)
        column += wide


def _draw_page(workbook, sheet, bottom, area):
    for column in range(1, sheet.max_column + 1):
        sheet.column_dimensions[get_column_letter(column)].width = 9 + column
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 8
    sheet.page_margins.left = 0.33
    sheet.print_title_rows = f"1:{bottom}"
    sheet.print_area = area
    sheet.oddFooter.center.text = "第 &P 页"
    workbook.defined_names["单位代码"] = DefinedName("单位代码", attr_text="填表说明!$A$1")
